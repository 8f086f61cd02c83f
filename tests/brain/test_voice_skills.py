"""Louder, slower, silent: what the user asks of the voice, and takes back."""

from dataclasses import replace

from assistant.brain.brain import AssistantBrain
from assistant.brain.protocols import Exchange, Request
from assistant.brain.skill import Context
from assistant.manner import FASTEST, SLOWEST, Manner
from assistant.session.turn import CancelToken


def ask(brain: AssistantBrain, turn_id: int, text: str, replaces: int | None = None) -> str:
    history = [Exchange("what time is it", "It's noon.")]
    return "".join(brain.respond(Request(turn_id, text, history, replaces), CancelToken()))


def test_the_volume_goes_in_steps_and_not_beyond_its_ends(context: Context) -> None:
    brain, manner = AssistantBrain(context), context.manner
    assert ask(brain, 1, "louder") == "I can't speak any louder. Turn up the loudspeaker."
    said = [ask(brain, turn, "turn down the volume") for turn in range(2, 9)]
    assert said[:5] == ["Softer now."] * 5
    assert said[5:] == ["I can't speak any softer, but you can mute me."] * 2
    assert 0 < manner.volume < 0.2
    ask(brain, 9, "set the volume to 40%")
    assert (manner.volume, ask(brain, 10, "what's your volume")) == (0.4, "My volume is 40 percent.")
    assert ask(brain, 11, "set the volume to 140 percent") == "My volume goes from zero to 100 percent."


def test_the_gain_falls_faster_than_the_volume() -> None:
    assert Manner().gain == 1
    assert Manner(volume=0.5).gain == 0.25
    assert Manner(muted=True).gain == 0


def test_a_correction_takes_back_what_was_changed(context: Context) -> None:
    brain = AssistantBrain(context)
    ask(brain, 1, "set the volume to 20 percent")
    ask(brain, 2, "set the volume to 20 percent no wait 60 percent", replaces=1)
    assert context.manner.volume == 0.6
    ask(brain, 3, "mute yourself")
    assert context.manner.gain == 0
    ask(brain, 4, "mute yourself no wait what time is it", replaces=3)
    assert context.manner.gain == 0.6**2


def test_the_speed_changes_and_comes_back_to_the_usual(context: Context) -> None:
    context = replace(context, manner=Manner(speed=1.25, usual_speed=1.25))
    brain = AssistantBrain(context)
    ask(brain, 1, "speak slower")
    assert context.manner.speed < 1.25
    for turn in range(2, 20):
        ask(brain, turn, "faster")
    assert context.manner.speed == FASTEST
    for turn in range(20, 40):
        ask(brain, turn, "speak more slowly")
    assert context.manner.speed == SLOWEST
    ask(brain, 40, "speak normally")
    assert context.manner.speed == 1.25


def test_the_last_answer_again_and_slower(context: Context) -> None:
    assert ask(AssistantBrain(context), 1, "say that again slower") == "It's noon."
    assert context.manner.speed < 1


def test_whoever_changes_the_voice_wants_to_hear_it(context: Context) -> None:
    context.manner.muted = True
    ask(AssistantBrain(context), 1, "speak slower")
    assert not context.manner.muted
