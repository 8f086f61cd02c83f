"""`assistant talk --headless` as a process whose events a test can wait for."""

import json
import queue
import signal
import subprocess
import sys
import threading
from typing import Any

LIMIT_S = 60.0


class Talker:
    """The assistant as a user would start it. A context manager; leaving it ends the process."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        command = [sys.executable, "-m", "assistant", "talk", "--headless", *arguments]
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.events: list[dict[str, Any]] = []
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="talker-stdout", daemon=True)
        self._reader.start()

    def wait_for(self, name: str, **fields: object) -> dict[str, Any]:
        """The next event of that name whose fields match."""
        while True:
            event = self._queue.get(timeout=LIMIT_S)
            assert event is not None, f"the assistant ended before {name}: {self.process.stderr.read()}"
            self.events.append(event)
            if event["event"] == name and all(event[key] == value for key, value in fields.items()):
                return event

    def wait_ready(self) -> None:
        for _ in ("stt", "llm", "tts"):
            self.wait_for("engine_ready")

    def end(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(LIMIT_S)

    def rest(self) -> list[dict[str, Any]]:
        """Every event up to the end of the process that was not waited for."""
        rest = []
        while (event := self._queue.get(timeout=LIMIT_S)) is not None:
            rest.append(event)
        return rest

    def __enter__(self) -> "Talker":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)

    def _read(self) -> None:
        for line in self.process.stdout:
            self._queue.put(json.loads(line))
        self._queue.put(None)
