"""llama.cpp's shared library: imported, its log kept quiet, models loaded, decodes aborted."""

import ctypes
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.errors import EngineUnavailable
from assistant.models import headers

ENGINE = "llama.cpp"
GGML_LOG_LEVEL_ERROR = 4

_errors: deque[str] = deque(maxlen=8)


def _keep_errors(level: int, text: bytes, _data: object) -> None:
    """llama.cpp's log: errors are kept to explain a failure, and nothing reaches stderr, which may be a screen."""
    if level == GGML_LOG_LEVEL_ERROR:
        _errors.append(text.decode("utf-8", "replace").strip())


_log_callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(_keep_errors)


def import_library() -> Any:
    """Raises EngineUnavailable."""
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:  # RuntimeError: its shared library does not load
        raise EngineUnavailable(
            f"llama-cpp-python cannot be imported: {error}",
            hint="It is built for the CPU of this machine: the README says how to install it.",
        ) from error
    llama_cpp.llama_log_set(_log_callback, ctypes.c_void_p(0))
    return llama_cpp


def load(library: Any, model: Path, *, threads: int, **options: Any) -> Any:
    """A ``llama_cpp.Llama``. Raises ModelCorrupt."""
    _errors.clear()
    try:
        return library.Llama(str(model), n_threads=threads, n_threads_batch=threads, verbose=False, **options)
    except Exception as error:  # the binding raises ValueError, RuntimeError and AssertionError
        raise headers.corrupt(model, ENGINE, _errors[0] if _errors else str(error)) from error


def is_grammar(library: Any, vocab: Any, text: str) -> bool:
    """llama.cpp takes ``text`` for a grammar in GBNF; a sampler of another one would end the process."""
    sampler = library.llama_sampler_init_grammar(vocab, text.encode(), b"root")
    if sampler:
        library.llama_sampler_free(sampler)
    return bool(sampler)


class Abort:
    """Ends a decode of ``llama`` between two nodes of its graph, from any thread."""

    def __init__(self, library: Any, llama: Any) -> None:
        self._library = library
        self._llama = llama
        self._flag = ctypes.create_string_buffer(2)

    def arm(self) -> Callable[[], None]:
        """Give llama.cpp a fresh flag to watch, and return what raises it.

        The callback is the C library's own strlen, on a string that is empty until the flag is raised: some 500 calls
        a token that never wait for Python's lock. A flag serves one answer, so a late cancel cannot hit the next.
        """
        flag = self._flag = ctypes.create_string_buffer(2)
        callback = ctypes.cast(ctypes.CDLL(None).strlen, self._library.ggml_abort_callback)
        self._library.llama_set_abort_callback(self._llama.ctx, callback, ctypes.cast(flag, ctypes.c_void_p))
        return lambda: flag.__setitem__(0, b"\x01")
