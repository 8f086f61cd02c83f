"""Makes docs/images/talk.svg: a real conversation with the engines that need no download, photographed as it speaks.

Run it from a checkout: ``python scripts/screenshot.py [FILE]``. The shipped sample question is the microphone, a file
in a temporary folder the loudspeaker; keys are pressed through Textual's pilot. It takes as long as the talking does.
"""

import asyncio
import contextlib
import re
import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import soundfile
from textual.pilot import Pilot

from assistant.app import build
from assistant.bus import Mailbox
from assistant.config import HistorySettings, LlmSettings, Settings, SttSettings, TtsSettings
from assistant.events import EngineReady, Event, Levels, ReplyStarted, TurnEnded
from assistant.options import TalkOptions
from assistant.tui.app import TalkApp
from assistant.tui.panels.prompt import Prompt

SIZE = (100, 30)
LISTENING_S = 120.0
SPEAKING_DBFS = -30.0
DEFAULT = Path(__file__).resolve().parents[1] / "docs" / "images" / "talk.svg"
SETTINGS = Settings(
    stt=SttSettings(engine="pocketsphinx"),
    llm=LlmSettings(engine="none"),
    tts=TtsSettings(engine="espeak-ng"),
    history=HistorySettings(enabled=False),
)


def microphone() -> Path:
    """A file in this folder: the sample question, and then silence for the time of the typing."""
    with as_file(files("assistant") / "samples" / "question.wav") as path:
        question, rate_hz = soundfile.read(path, dtype="float32")
    sound = np.concatenate([question, np.zeros(int(LISTENING_S * rate_hz), np.float32)])
    soundfile.write(sound_path := Path("microphone.wav"), sound, rate_hz)
    return sound_path


class Camera:
    """Presses keys, waits for events, takes the picture."""

    def __init__(self, pilot: Pilot[None], mailbox: Mailbox) -> None:
        self._pilot = pilot
        self._mailbox = mailbox

    async def see(self, kind: type[Event]) -> Event:
        """The next event of that kind."""
        while not isinstance(event := await asyncio.to_thread(self._mailbox.get), kind):
            if event is None:
                raise SystemExit("the session ended before the picture was taken")
        return event

    async def ask(self, question: str) -> None:
        await self._pilot.press(*(key if key != " " else "space" for key in question), "enter")

    async def hear_voice(self) -> None:
        """Wait until the loudspeaker is at work."""
        await self.see(ReplyStarted)
        while (event := await self.see(Levels)) and isinstance(event, Levels) and event.speaker_dbfs < SPEAKING_DBFS:
            pass

    async def picture(self) -> str:
        await self._pilot.pause()
        # The fonts that Textual names would be fetched from the network by whoever looks at the picture.
        return re.sub(r"@font-face\s*{.*?}", "", self._pilot.app.export_screenshot(title="assistant"), flags=re.DOTALL)


async def converse(camera: Camera) -> str:
    for _ in ("stt", "llm", "tts"):
        await camera.see(EngineReady)
    await camera.see(TurnEnded)
    await camera.ask("how many kilometres are 26 miles")
    await camera.see(TurnEnded)
    await camera.ask("what can you do")
    await camera.hear_voice()
    await asyncio.sleep(3)
    await camera.ask("set a timer for ten minutes")
    await camera.hear_voice()
    return await camera.picture()


async def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        options = TalkOptions(input_path=microphone(), output_path=Path("speaker.wav"))
        assistant = build(SETTINGS, options)
        mailbox = assistant.bus.subscribe()
        app = TalkApp(assistant)
        try:
            async with app.run_test(size=SIZE) as pilot:
                app.query_one(Prompt).cursor_blink = False
                picture = await converse(Camera(pilot, mailbox))
        finally:
            assistant.stop("screenshot taken")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(picture, encoding="utf-8")
    print(target)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else DEFAULT))
