"""What was done in a recorded conversation is done again."""

from pathlib import Path
from typing import cast

import pytest

from assistant.events import SessionEnded
from assistant.models.protocols import FRAME_S
from assistant.recording.folder import About
from assistant.recording.timeline import Mark, Timeline
from assistant.replay.recorded import Controls, RecordedSession


@pytest.mark.parametrize(("reason", "stops"), [("quit", ["quit"]), ("end of input", [])])
def test_it_is_ended_where_the_user_ended_it_and_not_where_the_sound_did(reason: str, stops: list[str]) -> None:
    stopped = list[str]()

    class User:
        stop = staticmethod(stopped.append)

    ended = SessionEnded(at_s=105.0, session_id="abcd", reason=reason)
    session = RecordedSession(Path(), cast(About, None), Timeline([Mark(0, 100 + FRAME_S)]), [ended])
    for action in session.actions(cast(Controls, User())):
        action.do()
    assert stopped == stops
