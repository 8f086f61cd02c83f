"""What is left of an utterance that began with a stop."""

import pytest

from assistant.models.protocols import Transcript
from assistant.session.interjections import interjections
from assistant.session.stopping import FURTHER_S, Stop

STOP = Stop("stop", voiced_s=0.5)


@pytest.mark.parametrize(
    ("heard", "further_s", "left"),
    [
        (None, 0.0, "stop"),
        (Transcript("", 0.0), 2.0, "stop"),
        (Transcript("Stop, please!"), 0.0, "Stop, please!"),
        (Transcript("help please", 0.0), 0.0, "stop"),
        (Transcript("being white", 0.9), 0.0, "stop"),
        (Transcript("being white", 0.9), FURTHER_S, "being white"),
        (Transcript("stop the timer", 0.9), 0.12, "stop the timer"),
        (Transcript("stop the timer", 0.9), 0.11, "stop"),  # there was no time to say that
        (Transcript("stop the timer", 0.1), 0.5, "stop"),
        (Transcript("stop what time is it", 0.0), 0.5, "stop what time is it"),
        (Transcript("what about Tuesday", 0.9), 0.0, "what about Tuesday"),
        (Transcript("what about Tuesday", 0.1), 0.0, "stop"),
    ],
)
def test_the_stop_is_final_unless_it_goes_on(heard: Transcript | None, further_s: float, left: str) -> None:
    assert STOP.utterance(heard, 0.5 + further_s, interjections("en")) == left


def test_what_was_heard_beside_the_stop_needs_no_more_time() -> None:
    stop = Stop("stop", voiced_s=0.5, alone=False)
    assert stop.utterance(Transcript("stop the timer", 0.9), 0.5, interjections("en")) == "stop the timer"
