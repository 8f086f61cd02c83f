"""Native code that dies, in children that really do: the process that talks goes on, with what stands in."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from assistant.config import Settings
from assistant.errors import AssistantError, EngineFailed, EngineUnavailable, ModelCorrupt
from assistant.events import Stage
from assistant.models import registry, trial, verdicts
from assistant.models.fakes import FakeLlm
from assistant.models.trial import Subject
from assistant.models.worker import Candidate, Done, EngineWorker, Job, Priority
from assistant.session.turn import Cancelled, CancelToken
from tests.models import tiny

ROOT = Path(__file__).parents[2]
REMEDY = "Build it again: make llm."


def python(code: str) -> tuple[str, ...]:
    """A child that takes the request, as the real one does, and then does this."""
    return (sys.executable, "-c", f"import sys; sys.stdin.buffer.readline()\n{code}")


def dies_of(number: signal.Signals) -> tuple[str, ...]:
    return python(f"import os; os.kill(os.getpid(), {int(number)})")


NEVER_STARTED = ("/nowhere/python",)
WELL = python("pass")
NULL_POINTER = python("import ctypes; ctypes.string_at(0)")
ABORTS = python("import os, sys; print('GGML_ASSERT(n > 0) failed', file=sys.stderr, flush=True); os.abort()")
NO_ROOM = python("import sys; sys.stderr.write('std::bad_alloc'); sys.stderr.flush(); import os; os.abort()")
HANGS = python("import threading; threading.Event().wait()")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "trials"


def subject(model: Path, **changes: Any) -> Subject:
    fields = {"engine": "llama.cpp", "packages": ("onnxruntime",), "request": {}, "remedy": REMEDY}
    return Subject(model=model, **{**fields, **changes})


def prove(one: Subject, folder: Path, command: Sequence[str] = NEVER_STARTED, limit_s: float = 60.0) -> None:
    trial.prove(one, CancelToken(), folder=folder, command=command, limit_s=limit_s)


def refusal(one: Subject, folder: Path, command: Sequence[str] = NEVER_STARTED, limit_s: float = 60.0) -> EngineFailed:
    with pytest.raises(EngineFailed) as raised:
        prove(one, folder, command, limit_s)
    return raised.value


DEATHS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "another CPU": (dies_of(signal.SIGILL), "this build of llama.cpp crashes on this CPU (SIGILL)", REMEDY),
    "null pointer": (NULL_POINTER, "llama.cpp crashes on this machine with m.gguf (SIGSEGV", REMEDY),
    "bus error": (dies_of(signal.SIGBUS), "llama.cpp crashes on this machine with m.gguf (SIGBUS", "another model"),
    "assertion": (ABORTS, "with m.gguf (SIGABRT: GGML_ASSERT(n > 0) failed)", "another model"),
    "out of memory": (dies_of(signal.SIGKILL), "there is not enough memory for m.gguf", "smaller model"),
    "no memory": (NO_ROOM, "there is not enough memory for m.gguf", "smaller model"),
    "Python's": (python(f"sys.exit({trial.NO_MEMORY})"), "there is not enough memory for m.gguf", "smaller model"),
}


@pytest.mark.parametrize("death", DEATHS)
def test_a_death_is_explained_and_remembered(death: str, model: Path, folder: Path) -> None:
    command, message, hint = DEATHS[death]
    error = refusal(subject(model), folder, command)
    assert message in error.message
    assert hint in error.hint
    again = refusal(subject(model), folder, WELL)
    assert (again.message, again.hint) == (error.message, error.hint), "the well child was not asked"


def test_memory_that_is_really_short(model: Path, folder: Path) -> None:
    code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))\ntry:\n  bytes(1 << 30)\n"
    error = refusal(subject(model), folder, python(f"{code}except MemoryError:\n  sys.exit({trial.NO_MEMORY})"))
    assert "not enough memory" in error.message


def test_a_good_pair_is_tried_once(model: Path, folder: Path) -> None:
    prove(subject(model), folder, WELL)
    prove(subject(model), folder, ABORTS)
    assert list(verdicts.failures(folder)) == []


def test_a_child_without_end_is_killed(model: Path, folder: Path) -> None:
    error = refusal(subject(model), folder, HANGS, limit_s=0.2)
    assert "not ready with m.gguf within 0 s" in error.message
    assert refusal(subject(model), folder, WELL).message == error.message


def test_what_python_refuses_is_left_to_this_process(model: Path, folder: Path) -> None:
    prove(subject(model), folder, python(f"sys.exit({trial.REFUSED})"))
    assert not folder.exists(), "the next start asks again"


@pytest.mark.parametrize("command", [dies_of(signal.SIGTERM), python("sys.exit(1)")], ids=["SIGTERM", "exit"])
def test_a_child_that_was_stopped_says_nothing_about_the_pair(
    command: Sequence[str], model: Path, folder: Path
) -> None:
    assert "was stopped" in refusal(subject(model), folder, command).message
    prove(subject(model), folder, WELL)


def test_without_a_child_nothing_is_tried(model: Path, folder: Path) -> None:
    prove(subject(model), folder, NEVER_STARTED)
    assert not folder.exists()


@pytest.mark.parametrize("change", ["size", "time", "library", "options", "processor"])
def test_any_change_asks_for_another_trial(
    change: str, model: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = subject(model, options={"context_tokens": 4096})
    refusal(one, folder, ABORTS)
    refusal(one, folder, WELL)
    if change == "size":
        model.write_bytes(b"other weights")
    if change == "time":
        os.utime(model, ns=(1, 1))
    if change == "library":
        one = subject(model, options={"context_tokens": 4096}, packages=("soundfile", "onnxruntime"))
    if change == "options":
        one = subject(model, options={"context_tokens": 512})
    if change == "processor":
        monkeypatch.setattr(verdicts, "cpu_flags", lambda: frozenset({"avx10"}))
    prove(one, folder, WELL)
    prove(one, folder, ABORTS)


def test_another_file_of_a_folder_is_a_change(tmp_path: Path, folder: Path) -> None:
    model = tmp_path / "whisper"
    model.mkdir()
    (model / "model.bin").write_bytes(b"weights")
    prove(subject(model), folder, WELL)
    (model / "config.json").write_bytes(b"{}")
    refusal(subject(model), folder, ABORTS)


def test_failures_are_listed_and_forgotten_at_the_users_word(model: Path, folder: Path) -> None:
    other = model.with_name("good.gguf")
    other.write_bytes(b"weights")
    refusal(subject(model), folder, ABORTS)
    prove(subject(other), folder, WELL)
    [failed] = verdicts.failures(folder)
    assert (failed.engine, failed.model) == ("llama.cpp", model)
    verdicts.forget_failures(folder)
    assert list(verdicts.failures(folder)) == []
    prove(subject(other), folder, ABORTS)
    prove(subject(model), folder, WELL)


DAMAGE = [
    b"",
    b"[]",
    b"{",
    b"null",
    b"\xff",
    b'{"key": 1}',
    b"[" * 100_000,
    b'{"engine":1,"model":2,"message":3,"hint":4,"key":5}',
]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda data: str(data[:12]))
def test_a_damaged_memory_is_as_good_as_none(damage: bytes, model: Path, folder: Path) -> None:
    prove(subject(model), folder, WELL)
    [place] = folder.iterdir()
    place.write_bytes(damage)
    assert list(verdicts.failures(folder)) == []
    refusal(subject(model), folder, ABORTS)
    refusal(subject(model), folder, WELL)


def test_a_cache_that_cannot_be_written_costs_a_trial_and_no_more(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    prove(subject(model), tmp_path / "file" / "trials", WELL)
    refusal(subject(model), tmp_path / "file" / "trials", ABORTS)


def test_the_native_files_of_a_package_are_found_with_those_beside_it() -> None:
    found = [path.name for path in verdicts.native_files("ctranslate2")]
    assert any(name.startswith("_ext.") for name in found)
    assert any(name.startswith("libctranslate2") for name in found) or sys.platform != "linux"
    assert verdicts.native_files("no_such_package") == []


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is no zombie that only waits to be noticed."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def await_end(pid: int) -> None:
    """Until a process that is nobody's child here is gone."""
    with suppress(ProcessLookupError):
        ended = os.pidfd_open(pid)
        select.select([ended], [], [], 60)
        os.close(ended)


def tells_its_pid(fifo: Path) -> str:
    """Code that writes its process id into a pipe of that name, which it makes here, and waits for ever."""
    os.mkfifo(fifo)
    opened = f"with open({str(fifo)!r}, 'w') as out: out.write(str(os.getpid()))"
    return f"import os, threading\n{opened}\nthreading.Event().wait()"


def test_a_cancel_kills_the_child(model: Path, folder: Path, tmp_path: Path) -> None:
    command, token, raised = python(tells_its_pid(tmp_path / "pid")), CancelToken(), []

    def run() -> None:
        try:
            trial.prove(subject(model), token, folder=folder, command=command)
        except Cancelled as cancelled:
            raised.append(cancelled.reason)

    thread = threading.Thread(target=run, name="trial")
    thread.start()
    pid = int((tmp_path / "pid").read_text())
    assert is_running(pid) or sys.platform != "linux"
    token.cancel("stopping")
    thread.join(60)
    assert raised == ["stopping"]
    assert not is_running(pid)
    assert not folder.exists(), "a cancel is no verdict"
    with pytest.raises(Cancelled):
        trial.prove(subject(model), token, folder=folder, command=NEVER_STARTED)


class Told:
    """What the worker's observer heard."""

    def __init__(self) -> None:
        self.failed: list[tuple[str, AssistantError, str | None]] = []
        self.ready: list[str] = []

    def engine_loading(self, stage: Stage, engine: str) -> None: ...

    def engine_ready(self, stage: Stage, engine: str, load_s: float) -> None:
        self.ready.append(engine)

    def engine_failed(self, stage: Stage, engine: str, error: AssistantError, fallback: str | None) -> None:
        self.failed.append((engine, error, fallback))


def test_the_fallback_answers_where_the_engine_crashes(model: Path, folder: Path) -> None:
    told, done = Told(), threading.Event()
    given: list[object] = []

    def load() -> FakeLlm:
        prove(subject(model), folder, dies_of(signal.SIGILL))
        pytest.fail("the engine that crashes was loaded")

    def work(engine: FakeLlm, token: CancelToken) -> Iterator[object]:
        yield engine.name

    def deliver(result: Any) -> None:
        given.append(result)
        if isinstance(result, Done):
            done.set()

    worker = EngineWorker("llm", [Candidate("llama.cpp", load), Candidate("fake", FakeLlm)], told)
    worker.start()
    worker.submit(Job(1, "llm", Priority.COMMITTED, CancelToken(), work, deliver))
    assert done.wait(60)
    worker.stop()
    assert worker.join(60)
    [(engine, error, fallback)] = told.failed
    assert (engine, error.message, fallback) == (
        "llama.cpp",
        "this build of llama.cpp crashes on this CPU (SIGILL)",
        "fake",
    )
    assert given[-1].status == "completed"
    assert told.ready == [FakeLlm().name]


def test_stopping_a_worker_abandons_the_trial(model: Path, folder: Path, tmp_path: Path) -> None:
    command, token, told = python(tells_its_pid(tmp_path / "pid")), CancelToken(), Told()

    def load() -> FakeLlm:
        trial.prove(subject(model), token, folder=folder, command=command)
        return FakeLlm()

    worker = EngineWorker("llm", [Candidate("slow", load, lambda: token.cancel("stopping"))], told)
    worker.start()
    pid = int((tmp_path / "pid").read_text())
    worker.stop()
    assert worker.join(60)
    assert not is_running(pid)
    assert told.failed == [], "nobody is told of a failure that is none"


def settings_for(path: Path, stage: str) -> Settings:
    return Settings.model_validate({stage: {"model": path}})


CHILD = "import sys, json\nrequest = json.loads(sys.stdin.buffer.readline()); sys.path[:] = request['path']\n"
CRASHING = f"""{CHILD}
import ctypes
from assistant.models import registry, trial_child
class Engine:
    def warm(self): {{act}}
registry.BUILTINS = (registry.Builtin("llm", "llama.cpp", "llama_cpp", True, lambda load: Engine()),)
trial_child.main(request)
"""


def engine_that(act: str) -> tuple[str, ...]:
    """The real child, whose engine does this when it is warmed."""
    return (sys.executable, "-c", CRASHING.replace("{act}", act))


def real_subject(model: Path) -> Subject:
    [builtin] = [one for one in registry.BUILTINS if (one.stage, one.name) == ("llm", "llama.cpp")]
    return registry._subject(builtin, settings_for(model, "llm"), model)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        ("ctypes.string_at(0)", "SIGSEGV"),
        ("ctypes.CDLL(None).abort()", "SIGABRT"),
        ("ctypes.CDLL(None).raise_(4) if 0 else ctypes.CDLL(None)['raise'](4)", "crashes on this CPU"),
        ("ctypes.CDLL(None)._exit(1)", "exit status 1"),
        ("(_ for _ in ()).throw(MemoryError())", "not enough memory"),
    ],
)
def test_an_engine_that_dies_in_the_real_child(act: str, message: str, model: Path, folder: Path) -> None:
    assert message in refusal(real_subject(model), folder, engine_that(act)).message


def test_an_engine_that_raises_in_the_real_child(model: Path, folder: Path) -> None:
    prove(real_subject(model), folder, engine_that("raise ValueError('no')"))
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_child_ends_with_a_parent_that_is_killed(model: Path, tmp_path: Path) -> None:
    """Neither a thread nor an exit handler of the parent has a say."""
    act = f"exec({tells_its_pid(tmp_path / 'pid')!r})"
    code = (
        "import sys; from pathlib import Path; from tests.models import test_trial as t\n"
        "t.prove(t.real_subject(Path(sys.argv[1])), Path(sys.argv[2]), t.engine_that(sys.argv[3]))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, model, tmp_path / "cache", act], cwd=ROOT)
    pid = int((tmp_path / "pid").read_text())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    await_end(pid)
    assert not is_running(pid)


ENGINES: list[tuple[str, str, Callable[[], Path], Callable[[Settings], list[Candidate[Any]]]]] = [
    ("stt", "faster_whisper", lambda: tiny.models().whisper, registry.stt_candidates),
    ("llm", "llama_cpp", lambda: tiny.models().gguf, registry.llm_candidates),
    ("tts", "piper", lambda: tiny.models().piper, registry.tts_candidates),
]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(verdicts, "default_folder", lambda: tmp_path / "trials")
    return tmp_path / "trials"


@pytest.mark.parametrize(("stage", "package", "path", "candidates"), ENGINES, ids=[stage for stage, *_ in ENGINES])
def test_the_engines_of_the_registry_are_tried_once(
    stage: str, package: str, path: Any, candidates: Any, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(package)
    first = candidates(settings_for(path(), stage))[0]
    first.load().close()
    [place] = cache.iterdir()
    content = json.loads(place.read_bytes())
    assert content["message"] == ""
    assert content["key"]["libraries"]
    monkeypatch.setattr(trial, "_run", lambda *_: pytest.fail("it was tried again"))
    candidates(settings_for(path(), stage))[0].load().close()


def test_a_model_that_is_damaged_is_refused_before_any_trial(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("llama_cpp")
    path = tmp_path / "cut.gguf"
    path.write_bytes(tiny.models().gguf.read_bytes()[:-8])
    monkeypatch.setattr(trial, "_run", lambda *_: pytest.fail("it was tried"))
    with pytest.raises(ModelCorrupt, match="incomplete"):
        registry.llm_candidates(settings_for(path, "llm"))[0].load()


def test_a_model_of_ones_own_is_checked_by_running_it(cache: Path) -> None:
    registry.check_model("tts", tiny.models().piper, Settings())
    assert len(list(cache.iterdir())) == 1
    with pytest.raises(EngineUnavailable, match="wake"):
        registry.check_model("wake", tiny.models().piper, Settings())
