"""Embedding models as GGUF files, through llama.cpp: what a text means, as a vector."""

import hashlib
from functools import cached_property
from pathlib import Path

import numpy as np

from assistant.errors import EngineFailed, ModelCorrupt
from assistant.models import headers, llama_library
from assistant.models.llama_library import ENGINE
from assistant.models.protocols import Vector
from assistant.session.turn import CancelToken

MOST_TOKENS = 512
"""What BERT reads at most; the longest of turns is cut."""

MOST_CHARACTERS = 4 * MOST_TOKENS

PROMPTS = {
    "nomic-bert": ("search_query: {}", "search_document: {}"),
    "gemma-embedding": ("task: search result | query: {}", "title: none | text: {}"),
    "qwen3": ("Instruct: Find what was said before and goes with the question\nQuery:{}", "{}"),
}
"""By architecture: what a question and a text to be found are put into, as the models' cards want it."""


class LlamaEmbedder:
    """A GGUF model that pools what it makes of a text into one vector, in the way that the file says.

    Cancel point: between the nodes of the graph (``llama_set_abort_callback``), as ``LlamaLlm``.
    """

    def __init__(self, model: Path) -> None:
        """Raises EngineUnavailable, ModelMissing, ModelCorrupt."""
        headers.check(model, ENGINE)
        self._model = model
        self._library = llama_library.import_library()
        self._llama = llama_library.load(
            self._library,
            model,
            threads=1,
            n_ctx=MOST_TOKENS,
            n_batch=MOST_TOKENS,
            n_ubatch=MOST_TOKENS,
            embedding=True,
        )
        if self._llama.pooling_type() in (self._library.LLAMA_POOLING_TYPE_NONE, self._library.LLAMA_POOLING_TYPE_RANK):
            self._llama.close()
            raise ModelCorrupt(
                f"{model} is no embedding model: it makes no one vector of a text",
                hint="See those that are: assistant models",
            )
        self._query, self._text = PROMPTS.get(self._llama.metadata.get("general.architecture", ""), ("{}", "{}"))
        self._abort = llama_library.Abort(self._library, self._llama)

    @property
    def name(self) -> str:
        return f"llama.cpp {self._model.stem}"

    @cached_property
    def key(self) -> str:
        """The file's SHA-256: reads all of it, 0.1 s for 40 MB. Raises EngineFailed."""
        try:
            with self._model.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise EngineFailed(f"{self._model} cannot be read: {error.strerror}", hint="Check the disk.") from error

    def warm(self) -> None:
        self.embed("Hello.", CancelToken())

    def embed(self, text: str, token: CancelToken, *, query: bool = False) -> Vector:
        """As the protocol. What is longer than 512 tokens is cut."""
        token.raise_if_cancelled()
        prompt = (self._query if query else self._text).format(text[:MOST_CHARACTERS])
        prompt = prompt.encode("utf-8", "ignore").decode()
        forget = token.on_cancel(self._abort.arm())
        try:
            vector = np.asarray(self._llama.embed(prompt, truncate=True), np.float32)
        except RuntimeError as error:  # a decode that was aborted, or failed
            token.raise_if_cancelled()
            raise EngineFailed(f"{self.name} broke off: {error}", hint="Install another embedding model.") from error
        finally:
            forget()
        token.raise_if_cancelled()
        length = float(np.linalg.norm(vector))
        return vector / np.float32(length) if length > 0 and np.isfinite(length) else np.zeros_like(vector)

    def close(self) -> None:
        self._llama.close()
