"""Locks, renames and what killed processes leave behind."""

import os
import threading
from pathlib import Path

import pytest

from assistant.session.turn import Cancelled, CancelToken
from assistant.store import staging

NOW_S = 1_800_000_000.0


def left_behind(root: Path, name: str, age_s: float) -> Path:
    path = root / ".staging" / name
    path.mkdir(parents=True)
    (path / "x.part").write_bytes(b"x")
    for touched in (path / "x.part", path):
        os.utime(touched, (NOW_S - age_s, NOW_S - age_s))
    return path


def test_old_pieces_are_thrown_away_and_young_ones_kept(tmp_path: Path) -> None:
    old = [left_behind(tmp_path, name, 15 * 86400) for name in ("old", ".import-old")]
    young = [left_behind(tmp_path, name, 13 * 86400) for name in ("young", ".import-young")]
    trash = left_behind(tmp_path, ".trash-young", 0)
    staging.clean(tmp_path, NOW_S)
    assert [path.exists() for path in (*old, *young, trash)] == [False, False, True, True, False]


def test_what_somebody_works_on_is_left_alone(tmp_path: Path) -> None:
    path = left_behind(tmp_path, "old", 15 * 86400)
    with staging.locked(["old"], tmp_path, CancelToken()):
        staging.clean(tmp_path, NOW_S)
        assert path.exists()
    staging.clean(tmp_path, NOW_S)
    assert not path.exists()


def test_a_model_comes_back_that_was_moved_aside_for_one_that_never_came(tmp_path: Path) -> None:
    old = left_behind(tmp_path, "m", 0) / "old" / "tts"
    old.mkdir(parents=True)
    (old / "voice.onnx").write_bytes(b"old")
    staging.clean(tmp_path, NOW_S)
    assert (tmp_path / "tts" / "m" / "voice.onnx").read_bytes() == b"old"
    assert [path.name for path in (tmp_path / ".staging" / "m").iterdir()] == ["x.part"]


def test_where_the_new_model_came_the_old_one_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "tts" / "m").mkdir(parents=True)
    (tmp_path / "tts" / "m" / "voice.onnx").write_bytes(b"new")
    old = left_behind(tmp_path, "m", 0) / "old" / "tts"
    old.mkdir(parents=True)
    (old / "voice.onnx").write_bytes(b"old")
    with staging.locked(["m"], tmp_path, CancelToken()):
        assert not old.exists()
    assert (tmp_path / "tts" / "m" / "voice.onnx").read_bytes() == b"new"


def test_cleaning_where_nothing_is_makes_nothing(tmp_path: Path) -> None:
    staging.clean(tmp_path / "models", NOW_S)
    assert list(tmp_path.iterdir()) == []


def test_waiting_for_a_model_can_be_cancelled(tmp_path: Path) -> None:
    token, waited = CancelToken(), list[str]()

    def on_wait(model_id: str) -> None:
        waited.append(model_id)
        token.cancel("enough")

    with (
        staging.locked(["b"], tmp_path, CancelToken()),
        pytest.raises(Cancelled, match="enough"),
        staging.locked(["c", "b", "a"], tmp_path, token, on_wait),
    ):
        pass
    assert waited == ["b"]
    with staging.locked(["a", "b", "c"], tmp_path, CancelToken(), waited.append):
        pass
    assert waited == ["b"]


def test_a_model_that_is_waited_for_is_had_once_it_is_free(tmp_path: Path) -> None:
    waiting, order = threading.Event(), list[str]()

    def second() -> None:
        with staging.locked(["m"], tmp_path, CancelToken(), lambda _: waiting.set()):
            order.append("second")

    thread = threading.Thread(target=second, name="second")
    with staging.locked(["m"], tmp_path, CancelToken()):
        thread.start()
        waiting.wait()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
