"""One conversation in a simulated room, with the engines that a user has without a download, and open speakers."""

from collections.abc import Sequence

import pytest

from assistant.bench.acoustics import Room, pink_noise, response
from assistant.bench.clips import Clip
from benchmarks.interruptions import people, stage
from benchmarks.interruptions.__main__ import ASKER, QUESTION, SENTENCE, settings_for
from benchmarks.interruptions.trials import TALKER_DBFS, Scene, Trial
from benchmarks.interruptions.verdicts import Selves, Verdict, judge

ECHO_DB = -6.0


@pytest.fixture(scope="module")
def outcome() -> tuple[Selves, Sequence[Verdict]]:
    room = Room(
        response=response(7, reverberation_s=0.25),
        delay_ms=80,
        echo_dbfs=TALKER_DBFS + ECHO_DB,
        distortion=1.0,
        drift_ppm=20,
        noise=pink_noise(7),
        noise_dbfs=-65,
    )
    [stop], [okay] = people.spoken(["wait"], ["en-us+f4"]), people.spoken(["okay"], ["en-us+f3"])
    trials = [
        Trial("nobody"),
        Trial("stop", 2.0, stop, -ECHO_DB),
        Trial("noise", 2.5, people.cough(1), -ECHO_DB),
        Trial("backchannel", 2.5, okay, -ECHO_DB),
    ]
    question = Clip("question", QUESTION, people.say(QUESTION, ASKER))
    voice = people.say(SENTENCE, "en-us")
    selves, verdicts = judge(stage.play(Scene("laptop", room, trials), settings_for([]), question, voice, 16_000))
    return selves, verdicts


def test_it_does_not_interrupt_itself(outcome: tuple[Selves, Sequence[Verdict]]) -> None:
    selves, _ = outcome
    assert selves.unheard == 0
    assert selves.speaking_s > 20
    assert (selves.interruptions, selves.replies) == (0, 0)


def test_a_stop_word_silences_it(outcome: tuple[Selves, Sequence[Verdict]]) -> None:
    [stop] = (verdict for verdict in outcome[1] if verdict.kind == "stop")
    assert stop.killed
    assert stop.silent_s is not None
    assert stop.silent_s < 1.5


@pytest.mark.parametrize("kind", ["noise", "backchannel"])
def test_neither_a_cough_nor_an_okay_ends_the_answer(kind: str, outcome: tuple[Selves, Sequence[Verdict]]) -> None:
    [over] = (verdict for verdict in outcome[1] if verdict.kind == kind)
    assert over.asked
    assert not over.killed


def test_no_sample_is_repeated_or_lost(outcome: tuple[Selves, Sequence[Verdict]]) -> None:
    assert (outcome[0].repeated, outcome[0].lost) == (0, 0)
