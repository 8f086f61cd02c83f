"""Embedding models in GGUF: a tiny BERT of random weights through the real adapter."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import EngineFailed, ModelCorrupt, ModelMissing
from assistant.models.llama_embed import MOST_CHARACTERS, PROMPTS, LlamaEmbedder
from assistant.session.turn import Cancelled, CancelToken
from tests.models import tiny

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")


@pytest.fixture(scope="module")
def model() -> Path:
    return tiny.models().embedder


@pytest.fixture
def embedder(model: Path):
    engine = LlamaEmbedder(model)
    yield engine
    engine.close()


def test_its_key_is_the_digest_of_the_file(embedder: LlamaEmbedder, model: Path) -> None:
    assert embedder.key == hashlib.sha256(model.read_bytes()).hexdigest()
    assert embedder.name == "llama.cpp tiny-embedder"


def test_the_length_is_the_models(embedder: LlamaEmbedder) -> None:
    assert embedder.embed("hello", CancelToken()).shape == (32,)


def test_a_text_is_cut_where_the_model_reads_no_further(embedder: LlamaEmbedder) -> None:
    long = embedder.embed("a b " * 2000, CancelToken())
    assert np.array_equal(long, embedder.embed(("a b " * 2000)[:MOST_CHARACTERS], CancelToken()))
    assert not np.array_equal(long, embedder.embed("a b", CancelToken()))


def test_a_cancel_ends_the_decode_and_the_next_text_is_right(embedder: LlamaEmbedder) -> None:
    """The token is cancelled as llama.cpp begins: what it has made by then is not returned."""
    expected = embedder.embed("hello", CancelToken())

    class Late(CancelToken):
        def on_cancel(self, callback):
            forget = super().on_cancel(callback)
            self.cancel("test")
            return forget

    with pytest.raises(Cancelled):
        embedder.embed("hello " * 300, Late())
    assert np.array_equal(embedder.embed("hello", CancelToken()), expected)


def test_a_decode_that_fails_is_an_engine_failure(embedder: LlamaEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("llama_decode returned -3")

    monkeypatch.setattr(embedder._llama, "embed", fail)
    with pytest.raises(EngineFailed, match="llama_decode returned -3"):
        embedder.embed("hello", CancelToken())


def test_questions_and_texts_get_the_prompts_of_the_models_card(
    embedder: LlamaEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = embedder.embed("hello", CancelToken())
    assert np.array_equal(embedder.embed("hello", CancelToken(), query=True), plain)
    embedder._query, embedder._text = PROMPTS["nomic-bert"]
    read: list[str] = []
    monkeypatch.setattr(embedder._llama, "embed", lambda prompt, **_: read.append(prompt) or [1.0])
    embedder.embed("hello {}", CancelToken())
    embedder.embed("hello", CancelToken(), query=True)
    assert read == ["search_document: hello {}", "search_query: hello"]


def test_a_model_that_answers_is_no_embedding_model(tmp_path: Path) -> None:
    for other in (tiny.models().random_gguf, tiny.embedder(tmp_path / "no-pooling.gguf", pooling=False)):
        with pytest.raises(ModelCorrupt, match="no embedding model"):
            LlamaEmbedder(other)


def test_a_missing_and_a_damaged_file_are_named(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ModelMissing):
        LlamaEmbedder(tmp_path / "none.gguf")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(model.read_bytes()[:-5000])
    with pytest.raises(ModelCorrupt):
        LlamaEmbedder(cut)
