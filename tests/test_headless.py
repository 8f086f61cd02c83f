"""Lines out, and every way to end: signals, the end of the input, a closed or full or stuck output."""

import io
import json
import os
import signal
import threading

import pytest

from assistant import headless
from assistant.bus import Bus
from assistant.errors import OutputError
from assistant.events import Event, FinalTranscript, Levels, SessionEnded, SessionStarted


class FakeConversation:
    """Publishes a script when started; stopping ends the session as the real one does."""

    def __init__(self, *script: Event) -> None:
        self.bus = Bus()
        self.script = script
        self.stops: list[str] = []

    def start(self) -> None:
        for event in self.script:
            self.bus.publish(event)

    def stop(self, reason: str) -> None:
        self.stops.append(reason)
        self.bus.publish(SessionEnded(at_s=9.0, session_id="s", reason=reason))
        self.bus.close()


STARTED = SessionStarted(at_s=0.0, session_id="s", source="a", sink="b", started_at="2026-01-01T00:00:00+00:00")
HEARD = FinalTranscript(at_s=1.0, turn_id=1, text="grüß dich", engine="fake")
LEVELS = Levels(at_s=1.0, microphone_dbfs=-20, speaker_dbfs=-120)
ENDED = SessionEnded(at_s=2.0, session_id="s", reason="end of input")


class ClosingOutput(io.StringIO):
    """Takes ``lines`` lines, then fails."""

    def __init__(self, lines: int, error: OSError) -> None:
        super().__init__()
        self.lines, self.error = lines, error

    def flush(self) -> None:
        self.lines -= 1
        if self.lines < 0:
            raise self.error


def printed(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_event_is_one_line_of_json_without_levels() -> None:
    out = io.StringIO()
    headless.run(FakeConversation(STARTED, LEVELS, HEARD, ENDED), out)
    assert [line["event"] for line in printed(out)[:3]] == ["session_started", "final_transcript", "session_ended"]
    assert printed(out)[1]["text"] == "grüß dich"
    assert "grüß" in out.getvalue()


def test_the_end_of_the_session_stops_the_conversation_once_with_its_reason() -> None:
    conversation = FakeConversation(STARTED, ENDED)
    headless.run(conversation, io.StringIO())
    assert conversation.stops == ["end of input"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it_and_the_last_events_are_printed(number: signal.Signals) -> None:
    class Signalled(FakeConversation):
        def start(self) -> None:
            super().start()
            os.kill(os.getpid(), number)

    conversation, out = Signalled(STARTED), io.StringIO()
    before = signal.getsignal(number)
    headless.run(conversation, out)
    assert conversation.stops == [number.name]
    assert printed(out)[-1]["reason"] == number.name
    assert signal.getsignal(number) is before


def test_what_the_caller_has_ignored_as_nohup_does_stays_ignored() -> None:
    class Signalled(FakeConversation):
        def start(self) -> None:
            super().start()
            for number in (signal.SIGHUP, signal.SIGTERM):
                os.kill(os.getpid(), number)

    conversation = Signalled(STARTED)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        headless.run(conversation, io.StringIO())
        assert conversation.stops == ["SIGTERM"]
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_sigusr1_is_passed_on_and_ends_nothing() -> None:
    toggled: list[str] = []

    class Signalled(FakeConversation):
        def start(self) -> None:
            super().start()
            for number in (signal.SIGUSR1, signal.SIGUSR1, signal.SIGTERM):
                os.kill(os.getpid(), number)

    conversation = Signalled(STARTED)
    before = signal.getsignal(signal.SIGUSR1)
    headless.run(conversation, io.StringIO(), on_toggle=lambda: toggled.append("key"))
    assert toggled == ["key", "key"]
    assert conversation.stops == ["SIGTERM"]
    assert signal.getsignal(signal.SIGUSR1) is before


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    conversation = FakeConversation(STARTED, HEARD, HEARD)
    headless.run(conversation, ClosingOutput(1, BrokenPipeError()))
    assert conversation.stops == ["output closed"]


def test_a_full_disk_ends_it_with_an_error() -> None:
    conversation = FakeConversation(STARTED, HEARD)
    with pytest.raises(OutputError, match="No space left"):
        headless.run(conversation, ClosingOutput(1, OSError(28, "No space left on device")))
    assert conversation.stops == ["output closed"]


def test_a_conversation_that_cannot_start_is_stopped_and_the_error_passed_on() -> None:
    class Mute(FakeConversation):
        def start(self) -> None:
            raise OutputError("no loudspeaker", hint="Plug one in.")

    conversation = Mute()
    with pytest.raises(OutputError, match="no loudspeaker"):
        headless.run(conversation, io.StringIO())
    assert conversation.stops == ["finished"]


def test_an_output_that_nobody_reads_cannot_keep_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless, "GRACE_S", 0.0)
    reader, writer = os.pipe()
    left: list[int] = []

    def drain() -> None:
        while os.read(reader, 1 << 16):
            pass

    drainer = threading.Thread(target=drain)

    def leave(code: int) -> None:
        left.append(code)
        drainer.start()  # frees the stuck line, as an exit would

    class Signalled(FakeConversation):
        def start(self) -> None:
            super().start()
            threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGTERM)).start()

    more_than_a_pipe_holds = FinalTranscript(at_s=1.0, turn_id=1, text="x" * 70_000, engine="fake")
    conversation = Signalled(STARTED, more_than_a_pipe_holds)
    with open(writer, "w") as out:  # noqa: PTH123
        headless.run(conversation, out, leave)
    drainer.join()
    os.close(reader)
    assert left == [0]
    assert conversation.stops == ["SIGTERM"]
