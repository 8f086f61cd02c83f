"""Nothing asks the network: whole conversations where there is none, and where every attempt is counted.

Three guards, of which each sees what another does not. The audit hook counts what Python code tries, also where it
would be caught and passed over. The network namespace has no network at all, not even loopback, so nobody can have been
asked. strace counts what any code tries, native code included. The tests at the end show that each catches an attempt.
"""

import errno
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from assistant import offline
from assistant.audio.soundfiles import load_sound
from assistant.models.sphinx import PocketSphinxStt
from assistant.session.turn import CancelToken
from tests.offline import guarded
from tests.offline.guarded import ALONE, Ran, works
from tests.test_conversation import spoken

QUESTION = {"embedded": "what is seven times six", "nano": "who wrote hamlet"}
"""The second needs the language model."""

ANSWER = {"embedded": "seven times six is forty two", "nano": "shakespeare wrote hamlet"}
GRAMMAR = f"#JSGF V1.0; grammar a; public <answer> = {' | '.join(ANSWER.values())} | i do not know;"
NO_NAMESPACE = "unshare cannot make a network namespace here"
NO_STRACE = "strace is not installed, or may not trace here"
ENGINES = {
    "embedded": {"stt": "pocketsphinx", "llm": "intents", "tts": "espeak"},
    "nano": {"stt": "faster-whisper nano", "llm": "intents + llama.cpp nano", "tts": "piper nano"},
}
PROFILE = {"embedded": [], "nano": ["--profile", "nano"]}
ASKED = (
    "import os; os.environ['HF_HUB_DISABLE_TELEMETRY'] = '1'; import huggingface_hub; huggingface_hub.model_info('a/b')"
)


def talk(engines: str, home: Path) -> list[object]:
    question = spoken(home / "question.wav", QUESTION[engines])
    sound = ["--fast", "--input", question, "--output", home / "answer.wav"]
    return ["-m", "assistant", "talk", "--headless", *sound, *PROFILE[engines]]


@pytest.fixture(scope="module", params=ENGINES)
def conversation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Ran]:
    """A question as a sound file, answered as a sound file, by the command that a user gives."""
    if request.param == "nano":
        pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    home = tmp_path_factory.mktemp(request.param)
    return request.param, home, guarded.run(talk(request.param, home), home)


def test_the_question_is_answered_aloud(conversation: tuple[str, Path, Ran]) -> None:
    engines, home, ran = conversation
    assert ran.status == 0, ran.errors
    [ended] = [event for event in ran.events if event["event"] == "turn_ended"]
    assert (ended["outcome"], ended["transcript"]) == ("answered", QUESTION[engines])
    ready = {event["stage"]: event["engine"] for event in ran.events if event["event"] == "engine_ready"}
    assert [ready[stage].startswith(name) for stage, name in ENGINES[engines].items()] == [True] * 3, ready
    heard = PocketSphinxStt(lambda _: GRAMMAR).transcribe(load_sound(home / "answer.wav"), CancelToken())
    assert heard.text == ANSWER[engines]


def test_no_python_code_asked_for_the_network(conversation: tuple[str, Path, Ran]) -> None:
    *_, ran = conversation
    assert ran.attempts == []


def test_there_was_no_network_to_ask(conversation: tuple[str, Path, Ran]) -> None:
    *_, ran = conversation
    if not ran.alone:
        pytest.skip(NO_NAMESPACE)
    assert ran.status == 0


def test_no_native_code_asked_for_the_network(conversation: tuple[str, Path, Ran]) -> None:
    *_, ran = conversation
    if ran.system_calls is None:
        pytest.skip(NO_STRACE)
    assert ran.system_calls == []


def test_no_library_keeps_a_mark_of_the_user_or_a_report_for_later(conversation: tuple[str, Path, Ran]) -> None:
    """As onnxruntime does in ``.cache/Microsoft``, where its switch is missing."""
    _, home, _ = conversation
    assert {path.name for path in (home / ".cache").glob("*")} <= {"assistant"}


def test_the_neural_engines_were_tried_in_guarded_children(conversation: tuple[str, Path, Ran]) -> None:
    engines, home, _ = conversation
    remembered = list(home.glob(".cache/assistant/trials/*.json"))
    assert len(remembered) == (3 if engines == "nano" else 0) or sys.platform != "linux"


ATTEMPTS = {
    "connect": "socket.create_connection(('127.0.0.1', 9))",
    "connect_ex": "socket.socket().connect_ex(('127.0.0.1', 9))",
    "IPv6": "socket.socket(socket.AF_INET6).connect(('::1', 9))",
    "name": "socket.gethostbyname('localhost')",
    "look-up": "socket.getaddrinfo('example.invalid', 443)",
    "datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
    "server": "socket.socket().bind(('127.0.0.1', 0))",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_guard_catches_an_attempt(attempt: str, tmp_path: Path) -> None:
    quietly = f"import socket\ntry:\n  {ATTEMPTS[attempt]}\nexcept OSError:\n  print('refused')"
    ran = guarded.run(["-c", quietly], tmp_path)
    assert ran.output == "refused\n"
    assert len(ran.attempts) == 1


def test_the_guard_catches_an_attempt_of_a_child(tmp_path: Path) -> None:
    child = f"import socket; {ATTEMPTS['connect']}"
    ran = guarded.run(
        ["-c", f"import subprocess, sys; subprocess.run([sys.executable, '-P', '-c', {child!r}])"], tmp_path
    )
    assert "refuses" in ran.errors
    assert len(ran.attempts) == 1


def test_a_unix_socket_is_no_network(tmp_path: Path) -> None:
    ran = guarded.run(["-c", "import socket; socket.socket(socket.AF_UNIX).bind('\\0assistant-test')"], tmp_path)
    assert (ran.status, ran.attempts, ran.system_calls or []) == (0, [], [])


@pytest.mark.skipif(not works(*ALONE), reason=NO_NAMESPACE)
def test_not_even_loopback_is_in_the_namespace() -> None:
    code = "import socket; print(socket.socket().connect_ex(('127.0.0.1', 9)))"
    ran = subprocess.run([*ALONE, sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ran.stdout) == errno.ENETUNREACH


def test_strace_catches_what_native_code_tries(tmp_path: Path) -> None:
    address = "bytes([2, 0, 0, 9, 127, 0, 0, 1]) + bytes(8)"
    native = f"import ctypes; c = ctypes.CDLL(None); c.connect(c.socket(2, 1, 0), {address}, 16)"
    ran = guarded.run(["-c", native], tmp_path)
    assert ran.attempts == [], "the audit hook cannot see it"
    if ran.system_calls is None:
        pytest.skip(NO_STRACE)
    assert [("socket(" in call, "connect(" in call) for call in ran.system_calls] == [(True, False), (False, True)]


def test_without_the_switches_the_hub_would_be_asked(tmp_path: Path) -> None:
    ran = guarded.run(["-c", ASKED], tmp_path)
    assert ran.attempts != []


def test_with_the_switches_the_hub_refuses_by_itself(tmp_path: Path) -> None:
    ran = guarded.run(["-c", f"from assistant import offline; offline.enforce(); {ASKED}"], tmp_path)
    assert "OfflineModeIsEnabled" in ran.errors
    assert (ran.attempts, ran.system_calls or []) == ([], [])


def test_the_switches_reach_a_library_that_is_already_there(tmp_path: Path) -> None:
    late = "import huggingface_hub; from assistant import offline; offline.enforce();"
    ran = guarded.run(["-c", f"{late} {ASKED}"], tmp_path)
    assert "OfflineModeIsEnabled" in ran.errors
    assert ran.attempts == []


def test_a_download_lifts_them_and_a_conversation_sets_them_again(tmp_path: Path) -> None:
    lifted = "from assistant import offline; offline.enforce(); import huggingface_hub; offline.lift();"
    assert guarded.run(["-c", f"{lifted} {ASKED}"], tmp_path / "lifted").attempts != []
    again = guarded.run(["-c", f"{lifted} offline.enforce(); {ASKED}"], tmp_path / "again")
    assert "OfflineModeIsEnabled" in again.errors


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without any switch, and put back as it was."""
    monkeypatch.setattr(offline, "_ours", set())
    monkeypatch.delitem(sys.modules, "huggingface_hub.constants", raising=False)
    for name in offline.SWITCHES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


def test_the_switches_are_set_and_lifted(environment: pytest.MonkeyPatch) -> None:
    offline.enforce()
    assert {name: os.environ.get(name) for name in offline.SWITCHES} == offline.SWITCHES
    offline.lift()
    left = {name for name in offline.SWITCHES if name in os.environ}
    assert left == set(offline.SWITCHES) - set(offline.FORBIDDING)


def test_a_hub_that_is_there_is_told_of_both(environment: pytest.MonkeyPatch) -> None:
    hub = types.ModuleType("huggingface_hub.constants")
    environment.setitem(sys.modules, hub.__name__, hub)
    told = []
    for switch in (offline.enforce, offline.lift, offline.enforce):
        switch()
        told.append(vars(hub)["HF_HUB_OFFLINE"])
    assert told == [True, False, True]


def test_what_the_user_forbids_stays_forbidden(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HF_HUB_OFFLINE", "1")
    offline.enforce()
    offline.lift()
    assert os.environ["HF_HUB_OFFLINE"] == "1"
