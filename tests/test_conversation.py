"""Conversations through the real engines that need no download: sound in, sound out."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.app import build
from assistant.audio.soundfiles import load_sound
from assistant.audio.wavwriter import write_wav
from assistant.brain.skill import SkillFunction
from assistant.config import Settings, load
from assistant.development import nano_settings
from assistant.events import (
    EarChanged,
    EngineReady,
    Event,
    FinalTranscript,
    Levels,
    Notice,
    StateChanged,
    TimerFired,
    TurnCommitted,
    TurnEnded,
)
from assistant.models.sphinx import PocketSphinxStt
from assistant.options import TalkOptions
from assistant.session.turn import CancelToken
from tests.models import tiny_turn
from tests.voices import first_words

SAMPLE = Path(__file__).parents[1] / "assistant" / "samples" / "question.wav"
RATE_HZ = 16_000
SETTINGS = Settings.model_validate({"history": {"enabled": False}})
ANSWERS = """#JSGF V1.0;
grammar answers;
public <answer> = <n> times <n> is <n>;
<n> = two | four | eleven | twelve | twenty | forty two | one hundred (fourteen | forty | forty four);
"""


def room(seconds: float) -> np.ndarray:
    """A quiet room: white noise at -60 dBFS, as no microphone is silent to the bit."""
    return (np.random.default_rng(1).standard_normal(round(seconds * RATE_HZ)) * 10**-3).astype(np.float32)


def spoken(path: Path, *texts: str, pause_s: float = 4.0) -> Path:
    """A recording in which the texts are said one after another."""
    parts = [room(0.5)]
    for index, text in enumerate(texts):
        single = path.with_suffix(f".{index}.wav")
        write_wav(single, *first_words(text))
        sound = load_sound(single)
        parts += [sound + room(len(sound) / RATE_HZ)[: len(sound)], room(pause_s)]
    write_wav(path, np.concatenate(parts), RATE_HZ)
    return path


def converse(
    question: Path, answer: Path | None = None, settings: Settings = SETTINGS, tools: Sequence[SkillFunction] = ()
) -> list[Event]:
    """Play the question to an assistant, as fast as it can; everything that happened but the meters."""
    assistant = build(
        settings, TalkOptions(input_path=question, output_path=answer, fast=True, speak=answer is not None, tools=tools)
    )
    mailbox = assistant.bus.subscribe(100_000)
    with assistant:
        assert assistant.wait(120)
    return [event for event in mailbox if not isinstance(event, Levels)]


@cache
def ear(grammar: str) -> PocketSphinxStt:
    return PocketSphinxStt(lambda _: grammar)


def heard_in(path: Path, answers: str = ANSWERS) -> str:
    return ear(answers).transcribe(load_sound(path), CancelToken()).text


def engines(events: list[Event]) -> dict[str, str]:
    return {event.stage: event.engine for event in events if isinstance(event, EngineReady)}


def endings(events: list[Event]) -> list[TurnEnded]:
    return [event for event in events if isinstance(event, TurnEnded)]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Event], Path]:
    """What happened when the sample question was asked, and the sound of the answer."""
    answer = tmp_path_factory.mktemp("answered") / "answer.wav"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(answer.parent / "data"))
        return converse(SAMPLE, answer), answer


def test_the_sample_question_is_answered_aloud(answered: tuple[list[Event], Path]) -> None:
    events, answer = answered
    [ended] = endings(events)
    assert (ended.outcome, ended.transcript) == ("answered", "what is twelve times twelve")
    assert ended.heard == ended.reply
    assert set(engines(events)) == {"stt", "llm", "tts"}
    assert [event.new for event in events if isinstance(event, StateChanged)] == [
        "listening",
        "speculative",
        "committed",
        "speaking",
        "idle",
    ]
    assert heard_in(answer) == "twelve times twelve is one hundred forty four"


def test_the_answer_is_exactly_what_was_played(answered: tuple[list[Event], Path]) -> None:
    sound, rate_hz = soundfile.read(answered[1])
    assert rate_hz > 0
    assert 1.0 < len(sound) / rate_hz < 5.0
    assert np.abs(sound).max() > 0.1


def test_two_questions_are_two_turns(tmp_path: Path) -> None:
    question = spoken(tmp_path / "q.wav", "what is seven times six", "flip a coin")
    ended = endings(converse(question, tmp_path / "a.wav"))
    assert [(turn.outcome, turn.transcript) for turn in ended] == [
        ("answered", "what is seven times six"),
        ("answered", "flip a coin"),
    ]


def test_speaking_over_the_answer_interrupts_it(tmp_path: Path) -> None:
    question = spoken(tmp_path / "q.wav", "what can you do", "what is seven times six", pause_s=1.5)
    first, second = endings(converse(question, tmp_path / "a.wav"))
    assert first.outcome == "interrupted"
    assert first.reply.startswith(first.heard)
    assert len(first.heard) < len(first.reply)
    assert (second.outcome, second.transcript) == ("answered", "what is seven times six")


def test_the_same_run_twice_is_the_same_conversation(answered: tuple[list[Event], Path], tmp_path: Path) -> None:
    ended = [endings(run)[0] for run in (answered[0], converse(SAMPLE, tmp_path / "again.wav"))]
    assert ended[0].timings == ended[1].timings
    assert ended[0].states == ended[1].states


def test_without_speculation_the_conversation_is_the_same(tmp_path: Path) -> None:
    question = spoken(tmp_path / "q.wav", "set a timer for ten minutes", "what is seven times six", "stop")
    silent = Settings.model_validate({"history": {"enabled": False}, "turn": {"speculate": "off"}})
    runs = [endings(converse(question, tmp_path / "a.wav", settings)) for settings in (SETTINGS, silent)]
    ahead, after = ([(turn.outcome, turn.transcript, turn.reply, turn.heard) for turn in run] for run in runs)
    assert ahead == after
    assert [turn.speculated for turn in runs[0]] == [True] * len(ahead)
    assert not any(turn.speculated for turn in runs[1])


def test_a_complete_command_is_not_waited_for(answered: tuple[list[Event], Path]) -> None:
    [committed] = [event for event in answered[0] if isinstance(event, TurnCommitted)]
    assert committed.cues == ("complete command",)
    assert committed.silence_s < 0.3


def test_a_model_that_hears_that_more_will_come_is_believed(tmp_path: Path) -> None:
    model = tiny_turn.network(tmp_path / "turn.onnx", bias=-10)
    settings = Settings.model_validate({"history": {"enabled": False}, "turn": {"model": model}})
    events = converse(SAMPLE, settings=settings)
    [committed] = [event for event in events if isinstance(event, TurnCommitted)]
    assert committed.cues == ("turn model 0.00", "complete command")
    assert committed.silence_s > 1.2
    assert engines(events)["turn"] == "smart-turn turn"
    assert [turn.outcome for turn in endings(events)] == ["answered"]


def test_a_model_that_does_not_load_is_said_once_and_done_without(tmp_path: Path) -> None:
    settings = Settings.model_validate({"history": {"enabled": False}, "turn": {"model": tmp_path / "none.onnx"}})
    events = converse(SAMPLE, settings=settings)
    [notice] = [event for event in events if isinstance(event, Notice)]
    assert (notice.level, notice.stage, notice.code) == ("warning", "turn", "model-missing")
    assert [turn.outcome for turn in endings(events)] == ["answered"]


def test_a_timer_rings_while_nobody_speaks() -> None:
    assistant = build(SETTINGS, TalkOptions(listen=False, speak=False))
    mailbox = assistant.bus.subscribe(100_000)
    with assistant:
        assistant.session.submit_text("set a timer for 1 second")
        rung = next(event for event in mailbox if isinstance(event, TimerFired))
        assert rung.text
        assert next(event for event in mailbox if isinstance(event, TurnEnded)).origin == "timer"


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_silent_file_is_no_turn(tmp_path: Path, seconds: float) -> None:
    write_wav(tmp_path / "q.wav", np.zeros(round(seconds * RATE_HZ) + 1, np.float32), RATE_HZ)
    events = converse(tmp_path / "q.wav")
    assert endings(events) == []


def test_a_pinned_engine_that_cannot_load_gives_way(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"history": {"enabled": False}, "stt": {"engine": "faster-whisper", "model": tmp_path / "nothing"}}
    )
    events = converse(SAMPLE, settings=settings)
    [final] = [event for event in events if isinstance(event, FinalTranscript)]
    assert final.text == "what is twelve times twelve"
    assert final.engine.startswith("pocketsphinx")


def test_a_spoken_correction_takes_back_what_was_done(tmp_path: Path) -> None:
    question = spoken(
        tmp_path / "q.wav", "set a timer for five minutes", "no wait, ten minutes", "how long is left", pause_s=1.2
    )
    first, second, third = endings(converse(question, tmp_path / "a.wav"))
    assert (first.outcome, first.transcript) == ("interrupted", "set a timer for five minutes")
    assert second.transcript == "set a timer for five minutes, no wait ten minutes"
    assert "10 minutes" in second.reply
    assert third.transcript == "how long is left"
    assert "5 minutes" not in third.reply


NANO_ANSWERS = """#JSGF V1.0;
grammar answers;
public <answer> = shakespeare wrote hamlet | leonardo painted the mona lisa | cows eat grass | cats eat meat and fish
  | paris is the capital of france | i like blue | it is sunny | i do not know
  | twelve times twelve is one hundred forty four;
"""

NEURAL = {"stt": "faster-whisper nano-whisper", "llm": "intents + llama.cpp nano-llama", "tts": "piper nano-voice"}
TIMES = "what is twelve times twelve"


@pytest.fixture
def nano() -> Settings:
    """Whisper, llama.cpp and Piper on the project's own small models."""
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    return load({**nano_settings(), "history.enabled": False}).settings


def test_the_neural_engines_answer_aloud(tmp_path: Path, nano: Settings) -> None:
    events = converse(spoken(tmp_path / "q.wav", "who wrote hamlet"), tmp_path / "a.wav", nano)
    [ended] = endings(events)
    assert engines(events) == NEURAL
    assert (ended.transcript, ended.heard) == ("who wrote hamlet", "Shakespeare wrote Hamlet.")
    assert heard_in(tmp_path / "a.wav", NANO_ANSWERS) == "shakespeare wrote hamlet"


def test_the_language_model_remembers_the_turn_before(tmp_path: Path, nano: Settings) -> None:
    question = spoken(tmp_path / "q.wav", "what do cats eat", "and cows")
    ended = endings(converse(question, tmp_path / "a.wav", nano))
    assert [turn.heard for turn in ended] == ["Cats eat meat and fish.", "Cows eat grass."]


def test_intents_answer_before_the_language_model(tmp_path: Path, nano: Settings) -> None:
    [ended] = endings(converse(SAMPLE, tmp_path / "a.wav", nano))
    assert (ended.transcript, ended.heard) == ("what is twelve times twelve", "12 times 12 is 144.")
    assert heard_in(tmp_path / "a.wav", NANO_ANSWERS) == "twelve times twelve is one hundred forty four"


def test_speaking_over_the_neural_answer_interrupts_it(tmp_path: Path, nano: Settings) -> None:
    question = spoken(tmp_path / "q.wav", "tell me a joke", "who wrote hamlet", pause_s=1.3)
    first, second = endings(converse(question, tmp_path / "a.wav", nano))
    assert (first.outcome, second.outcome) == ("interrupted", "answered")
    assert first.reply.startswith(first.heard)
    assert second.transcript == "who wrote hamlet"


def test_the_language_model_calls_a_tool_and_says_what_came_of_it(tmp_path: Path, nano: Settings) -> None:
    asked = list[str]()

    def get_weather(city: str) -> dict[str, str]:
        """Get the weather."""
        asked.append(city)
        return {"weather": "sunny"}

    question = spoken(tmp_path / "q.wav", "what is the weather in berlin")
    [ended] = endings(converse(question, tmp_path / "a.wav", nano, [get_weather]))
    assert (ended.transcript, asked, ended.heard) == ("what is the weather in berlin", ["Berlin"], "It is sunny.")
    assert heard_in(tmp_path / "a.wav", NANO_ANSWERS) == "it is sunny"


def test_without_its_tool_the_language_model_calls_nothing(tmp_path: Path, nano: Settings) -> None:
    question = spoken(tmp_path / "q.wav", "what is the weather in paris")
    [ended] = endings(converse(question, tmp_path / "a.wav", nano))
    assert ended.heard == "I do not know."
    assert heard_in(tmp_path / "a.wav", NANO_ANSWERS) == "i do not know"


@pytest.mark.parametrize(
    ("stage", "engine", "question", "answer", "sound"),
    [
        ("stt", "pocketsphinx", "what is your favorite color", "I like blue.", "i like blue"),
        ("llm", "none", TIMES, "12 times 12 is 144.", "twelve times twelve is one hundred forty four"),
        ("tts", "espeak-ng", "who wrote hamlet", "Shakespeare wrote Hamlet.", "shakespeare wrote hamlet"),
    ],
)
def test_an_embedded_engine_takes_the_place_of_a_neural_one(
    tmp_path: Path, nano: Settings, stage: str, engine: str, question: str, answer: str, sound: str
) -> None:
    chosen = getattr(nano, stage).model_copy(update={"engine": engine})
    mixed = nano.model_copy(update={stage: chosen})
    events = converse(spoken(tmp_path / "q.wav", question), tmp_path / "a.wav", mixed)
    [ended] = endings(events)
    assert {other for other, name in engines(events).items() if name == NEURAL[other]} == set(NEURAL) - {stage}
    assert (ended.transcript, ended.heard) == (question, answer)
    assert heard_in(tmp_path / "a.wav", NANO_ANSWERS) == sound


def test_in_wake_mode_only_what_follows_the_wake_word_is_heard(tmp_path: Path) -> None:
    """Before it, in one breath with it, in the window after an answer, and behind a pause."""
    pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    question = spoken(
        tmp_path / "q.wav",
        "what is two plus two",
        "okay nabu, what is twelve times twelve",
        "what is twenty times two",
        "okay nabu",
        "what is four times eleven",
        pause_s=5.0,
    )
    wake = {"listen": {"mode": "wake", "follow_up_s": 6.0}}
    answer = tmp_path / "a.wav"
    events = converse(question, answer, Settings.model_validate({**SETTINGS.model_dump(), **wake}))
    heard = [event.text for event in events if isinstance(event, FinalTranscript)]
    assert heard == ["what is twelve times twelve", "what is twenty times two", "what is four times eleven"]
    assert [event.open for event in events if isinstance(event, EarChanged)][:2] == [False, True]
    assert "two plus" not in str(events)
