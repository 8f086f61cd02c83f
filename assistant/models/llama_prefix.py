"""What a llama made of the beginning that all prompts share, kept on disk for the next start.

A file holds the attention state behind exactly these tokens, in this context, of this model file, as made by this build
of the library on this processor: the hash of all that is its name. Nothing is said of a file that is missing; a damaged
one is as if missing, and is replaced. Deleting the folder forgets everything.
"""

import ctypes
import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from assistant.models import verdicts

WORTH_TOKENS = 256
"""A shorter beginning is read in under a second (360 million parameters, one thread), which is not worth a file."""

MOST_BYTES = 128 * 1024**2
"""A larger state is not kept: 360 million parameters take 40 kB a token, 8 billion 128 kB."""

KEPT = 4
"""Files in the folder; the ones that were used longest ago go first."""

SEQUENCE = 0
DIGEST_BYTES = hashlib.sha256().digest_size

log = structlog.get_logger(__name__)


def default_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("assistant") / "prefixes"


class PrefixFile:
    """The state behind ``tokens``, in one file of ``folder``. Belongs to the thread of its ``llama``."""

    def __init__(self, folder: Path, library: Any, llama: Any, model: Path, tokens: Sequence[int]) -> None:
        self._folder = folder
        self._library = library
        self._llama = llama
        self._tokens = list(tokens)
        options = {"context": llama.n_ctx(), "batch": llama.n_batch, "tokens": self._tokens}
        key = json.dumps(verdicts.key_of(("llama_cpp",), model.absolute(), options), sort_keys=True)
        self.path = folder / f"{hashlib.sha256(key.encode(errors='replace')).hexdigest()}.state"

    def restore(self) -> bool:
        """Put the state into the context. False where there is none that is whole: the context is empty then."""
        try:
            with self.path.open("rb") as file:
                digest = file.read(DIGEST_BYTES)
                state = (ctypes.c_uint8 * max(0, os.fstat(file.fileno()).st_size - DIGEST_BYTES))()
                file.readinto(state)
            os.utime(self.path)
        except OSError:
            return False
        if hashlib.sha256(state).digest() != digest or not self._load(state):
            log.warning("a saved beginning of the prompt is damaged; it is read again", file=str(self.path))
            return False
        return True

    def save(self) -> None:
        """Keep the state of the context, which has read ``tokens`` and nothing else. A failure costs a log line."""
        size = self._library.llama_state_seq_get_size(self._llama.ctx, SEQUENCE)
        if not 0 < size <= MOST_BYTES:
            return
        state = (ctypes.c_uint8 * size)()
        written = self._library.llama_state_seq_get_data(self._llama.ctx, state, size, SEQUENCE)
        view = memoryview(state).cast("B")[:written]
        fresh = self.path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                file.write(hashlib.sha256(view).digest())
                file.write(view)
            fresh.replace(self.path)
            self._tidy()
        except OSError as error:
            log.warning("the beginning of the prompt was not saved", error=str(error), folder=str(self._folder))
            with suppress(OSError):
                fresh.unlink(missing_ok=True)

    def _load(self, state: "ctypes.Array[ctypes.c_uint8]") -> bool:
        self._llama.reset()
        taken = self._library.llama_state_seq_set_data(self._llama.ctx, state, len(state), SEQUENCE)
        if not 0 < taken == len(state):
            self._llama._ctx.kv_cache_clear()
            return False
        self._llama.input_ids[: len(self._tokens)] = self._tokens
        self._llama.n_tokens = len(self._tokens)
        return True

    def _tidy(self) -> None:
        files = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for old in files[KEPT:]:
            old.unlink(missing_ok=True)
