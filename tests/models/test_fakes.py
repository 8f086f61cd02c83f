"""The fakes say what they are scripted to."""

import numpy as np
import pytest

from assistant.models.fakes import EnergyVad, FakeLlm, FakeStt, FakeTts
from assistant.models.protocols import FRAME_SAMPLES, Message
from assistant.session.turn import Cancelled, CancelToken

LOUD = np.full(16_000, 0.1, np.float32)


def test_transcripts_come_in_turn_and_the_last_stays() -> None:
    engine = FakeStt(["one", "two"])
    heard = [engine.transcribe(LOUD, CancelToken(), final=final).text for final in (False, True, True, True)]
    assert heard == ["one", "one", "two", "two"]


def test_a_reply_streams_word_by_word() -> None:
    deltas = list(FakeLlm().generate([Message("user", "hello there")], CancelToken()))
    assert len(deltas) > 2
    assert "".join(deltas).strip().endswith("hello there")


def test_a_reply_can_be_cancelled() -> None:
    token = CancelToken()
    deltas = FakeLlm().generate([Message("user", "hello there")], token)
    next(deltas)
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(deltas)


def test_the_tone_is_as_long_as_the_text() -> None:
    short, long = (sum(map(len, FakeTts().synthesize(text, CancelToken()))) for text in ("aaaaa", "aaaaaaaaaa"))
    assert long == 2 * short == 16_000 * 0.6


@pytest.mark.parametrize(("level", "expected"), [(0.0, 0.0), (0.0001, 0.0), (0.01, 1.0), (1.0, 1.0)])
def test_loud_is_speech(level: float, expected: float) -> None:
    assert EnergyVad(-50.0).probability(np.full(FRAME_SAMPLES, level, np.float32)) == expected
