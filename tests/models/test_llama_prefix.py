"""What all prompts begin with, kept on disk: the same answers without the reading, and no trust in the file."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from assistant.models.protocols import Message
from assistant.session.turn import CancelToken
from tests.models import tiny

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

from assistant.models import llama_prefix
from assistant.models.llama_cpp import LlamaLlm
from assistant.models.llama_prefix import DIGEST_BYTES, KEPT, WORTH_TOKENS

LONG = Message("system", "be brief and kind, and answer in whole sentences. " * 12)
OPEN = Message("user", "")
ASKED = [LONG, Message("user", "who are you")]


def loaded(folder: Path | None, model: Path | None = None) -> LlamaLlm:
    return LlamaLlm(model or tiny.models().random_gguf, temperature=0, max_tokens=20, prefixes=folder)


def prepared(folder: Path | None, system: Message = LONG, model: Path | None = None) -> tuple[LlamaLlm, list[int]]:
    """A model that has read its beginning, and how many tokens each pass through the network took for that."""
    engine = loaded(folder, model)
    engine.warm()
    counts: list[int] = []
    original = engine._llama.eval

    def spy(tokens: Sequence[int]) -> None:
        counts.append(len(tokens))
        original(tokens)

    engine._llama.eval = spy
    engine.prepare([system, OPEN])
    return engine, counts


def answer(engine: LlamaLlm) -> str:
    return "".join(engine.generate(ASKED, CancelToken()))


def test_the_next_start_reads_nothing_and_answers_the_same(tmp_path: Path) -> None:
    first, read = prepared(tmp_path)
    assert sum(read) >= WORTH_TOKENS
    second, again = prepared(tmp_path)
    assert again == []
    whole, known = len(second._tokenize(ASKED)), len(second._known([LONG, OPEN], ()))
    assert answer(second) == answer(first) == answer(loaded(None))
    assert again[0] == whole - known, "the first answer reads what follows the beginning, and no more"
    assert [path.suffix for path in tmp_path.iterdir()] == [".state"]


def test_without_a_folder_it_is_read_and_nothing_is_kept() -> None:
    engine, read = prepared(None)
    assert sum(read) >= WORTH_TOKENS
    assert answer(engine) == answer(loaded(None))


def test_a_short_beginning_is_not_worth_a_file(tmp_path: Path) -> None:
    _, read = prepared(tmp_path, Message("system", "be brief"))
    assert 0 < sum(read) < WORTH_TOKENS
    assert list(tmp_path.iterdir()) == []


def test_a_beginning_that_has_no_room_is_neither_read_nor_kept(tmp_path: Path) -> None:
    _, read = prepared(tmp_path, Message("system", "be brief " * 2000))
    assert (read, list(tmp_path.iterdir())) == ([], [])


def test_a_state_that_is_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_prefix, "MOST_BYTES", 1000)
    engine, _ = prepared(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert answer(engine) == answer(loaded(None))


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def sealed(content: bytes) -> bytes:
    """A state that no llama.cpp wrote, under a digest that is right."""
    state = content[DIGEST_BYTES:][: len(content) // 3]
    return hashlib.sha256(state).digest() + state


def nothing_sealed(_: bytes) -> bytes:
    """What a library that could not give its state leaves."""
    return hashlib.sha256(b"").digest()


@pytest.mark.parametrize("damage", [cut, flipped, sealed, nothing_sealed, lambda _: b"", lambda _: b"short"])
def test_a_damaged_file_is_read_over_and_replaced(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    prepared(tmp_path)
    [file] = tmp_path.iterdir()
    good = file.read_bytes()
    file.write_bytes(damage(good))
    with capture_logs() as logs:
        engine, read = prepared(tmp_path)
    assert sum(read) >= WORTH_TOKENS
    assert [line["log_level"] for line in logs] == ["warning"]
    assert answer(engine) == answer(loaded(None))
    assert file.read_bytes()[:DIGEST_BYTES] == good[:DIGEST_BYTES]


def test_another_model_prompt_or_context_has_another_file(tmp_path: Path) -> None:
    model = Path(shutil.copy(tiny.models().random_gguf, tmp_path / "model.gguf"))
    folder = tmp_path / "prefixes"
    files = []
    for change in ("nothing", "prompt", "time"):
        if change == "time":
            os.utime(model, ns=(1, 1))
        system = Message("system", LONG.content + "always") if change == "prompt" else LONG
        _, read = prepared(folder, system, model)
        assert sum(read) >= WORTH_TOKENS
        files.append(len(list(folder.iterdir())))
    assert files == [1, 2, 3]


def test_the_folder_stays_small_and_keeps_what_is_used(tmp_path: Path) -> None:
    prepared(tmp_path)
    [used] = tmp_path.iterdir()
    os.utime(used, ns=(1, 1))
    for number in range(KEPT):
        old = tmp_path / f"{number}.state"
        old.write_bytes(b"")
        os.utime(old, ns=(2 + number, 2 + number))
    prepared(tmp_path)  # found, and so the newest
    prepared(tmp_path, Message("system", LONG.content + "always"))
    left = {path.name for path in tmp_path.iterdir()}
    assert len(left) == KEPT
    assert used.name in left
    assert {"0.state", "1.state"} & left == set()


def test_a_folder_that_cannot_be_written_costs_a_line_in_the_log(tmp_path: Path) -> None:
    folder = tmp_path / "prefixes"
    folder.write_text("in the way")
    with capture_logs() as logs:
        engine, _ = prepared(folder)
    assert [line["event"] for line in logs] == ["the beginning of the prompt was not saved"]
    assert answer(engine) == answer(loaded(None))
