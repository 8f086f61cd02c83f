from structlog.testing import capture_logs

from assistant.bus import Bus
from assistant.events import (
    EngineReady,
    FrontEndChanged,
    Levels,
    Notice,
    RecordingChanged,
    ReplyInterrupted,
    ReplyResumed,
    SessionStarted,
    Timings,
    TurnCommitted,
    TurnEnded,
)
from assistant.observe.eventlog import EventLog


def test_turns_are_logged_with_their_latencies_and_without_their_words() -> None:
    bus = Bus()
    log = EventLog(bus.subscribe())
    bus.publish(SessionStarted(at_s=0.0, session_id="s", source="mic", sink="speaker", started_at=""))
    bus.publish(EngineReady(at_s=1.0, stage="stt", engine="sphinx", load_s=0.5))
    bus.publish(Levels(at_s=1.0, microphone_dbfs=-30.0, speaker_dbfs=-30.0))
    bus.publish(TurnCommitted(at_s=1.5, turn_id=4, silence_s=0.224, wait_s=0.2, cues=("complete command",)))
    bus.publish(ReplyResumed(at_s=1.6, turn_id=4, reason="backchannel", cues=("a secret",), paused_s=0.5))
    bus.publish(ReplyInterrupted(at_s=1.7, turn_id=4, reason="stop word", cues=("a secret",)))
    bus.publish(
        TurnEnded(
            at_s=2.0,
            turn_id=4,
            origin="voice",
            outcome="answered",
            transcript="a secret",
            reply="a secret",
            heard="a secret",
            states=(),
            timings=Timings(transcript_s=0.1234, first_sample_s=0.5),
        )
    )
    bus.publish(Notice(at_s=3.0, level="warning", code="audio", stage="audio", message="unplugged", hint="plug"))
    bus.close()
    with capture_logs() as lines:
        log.run()
    assert lines == [
        {"event": "session_started", "log_level": "info", "session_id": "s", "source": "mic", "sink": "speaker"},
        {"event": "engine_ready", "log_level": "info", "stage": "stt", "engine": "sphinx", "load_ms": 500},
        {
            "event": "turn_committed",
            "log_level": "info",
            "turn_id": 4,
            "cues": ["complete command"],
            "silence_ms": 224,
            "wait_ms": 200,
        },
        {"event": "reply_resumed", "log_level": "info", "turn_id": 4, "reason": "backchannel", "paused_ms": 500},
        {"event": "reply_interrupted", "log_level": "info", "turn_id": 4, "reason": "stop word"},
        {
            "event": "turn_ended",
            "log_level": "info",
            "turn_id": 4,
            "origin": "voice",
            "outcome": "answered",
            "transcript_ms": 123,
            "first_sample_ms": 500,
        },
        {"event": "notice", "log_level": "warning", "code": "audio", "stage": "audio", "message": "unplugged"},
    ]


def test_events_that_came_too_fast_are_counted_in_the_log() -> None:
    bus = Bus()
    log = EventLog(bus.subscribe(capacity=1))
    for _ in range(3):
        bus.publish(EngineReady(at_s=1.0, stage="stt", engine="sphinx", load_s=0.5))
    bus.close()
    with capture_logs() as lines:
        log.start()
        assert log.join(30.0)
    assert [line["event"] for line in lines] == ["engine_ready", "events_dropped"]
    assert lines[-1]["count"] == 2


def test_that_it_records_is_logged_at_a_level_that_nobody_misses() -> None:
    bus = Bus()
    log = EventLog(bus.subscribe())
    bus.publish(RecordingChanged(at_s=0.0, recording=True, folder="/there"))
    bus.publish(RecordingChanged(at_s=1.0, recording=False, folder="/there"))
    bus.close()
    with capture_logs() as lines:
        log.run()
    assert [(line["event"], line["log_level"], line["folder"]) for line in lines] == [
        ("recording", "warning", "/there"),
        ("recording_ended", "warning", "/there"),
    ]


def test_what_is_done_to_the_sound_is_logged() -> None:
    bus = Bus()
    log = EventLog(bus.subscribe())
    bus.publish(FrontEndChanged(at_s=0.0, echo="on", canceller="kalman", noise_suppressor=False, gain_db=6))
    bus.close()
    with capture_logs() as lines:
        log.run()
    assert lines == [
        {
            "event": "front_end_changed",
            "log_level": "info",
            "echo": "on",
            "canceller": "kalman",
            "noise_suppressor": False,
            "gain_db": 6,
        }
    ]
