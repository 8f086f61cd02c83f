"""The line that says that sound is recorded."""

from textual.pilot import Pilot

from assistant.events import PrivacyChanged, RecordingChanged
from assistant.tui.panels.recording import RecordingLine
from tests.tui.test_panels import on_screen, show


def test_a_line_says_that_it_records_and_what() -> None:
    seen: list[str] = []

    async def act(pilot: Pilot[None]) -> None:
        line = pilot.app.query_one(RecordingLine)
        seen.append(str(line.visual) if line.display else "")
        for event in (
            RecordingChanged(at_s=1.0, recording=True, folder="/data/recordings/12"),
            PrivacyChanged(at_s=2.0, private=True),
            RecordingChanged(at_s=3.0, recording=False, folder="/data/recordings/12"),
        ):
            await show(pilot, event)
            seen.append(str(line.visual) if line.display else "")

    on_screen(act, size=(120, 30))
    assert seen == [
        "",
        "● recording your microphone and the answers — in /data/recordings/12",
        "● recording only silence — in /data/recordings/12",
        "",
    ]
