"""A virtual microphone and loudspeaker: a private PulseAudio with two null sinks.

What is played into ``microphone`` is what a program that records hears; what a program plays can be recorded from
``speaker``. ``norewinds=1`` matters: without it a new recording may stall for seconds.
"""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MICROPHONE, SPEAKER = "mic_sink", "spk_sink"
RATE_HZ = 16_000

CONFIG = """
load-module module-null-sink sink_name={mic} rate=16000 channels=1 format=s16le norewinds=1
load-module module-null-sink sink_name={spk} rate=48000 channels=2 format=s16le norewinds=1
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
set-default-source {mic}.monitor
set-default-sink {spk}
"""


def missing() -> str | None:
    """Why there can be no rig here, or None."""
    absent = [tool for tool in ("pulseaudio", "pactl", "paplay", "parec") if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


class Recording:
    """What goes to a sink, from now on: the constructor returns once the first sound, or silence, has come in."""

    def __init__(self, sink: str, env: dict[str, str]) -> None:
        command = ["parec", "-d", f"{sink}.monitor", f"--rate={RATE_HZ}", "--channels=1", "--format=s16le", "--raw"]
        self._process = subprocess.Popen([*command, "--latency-msec=10"], env=env, stdout=subprocess.PIPE)
        self._sound = bytearray()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._read, name=f"record-{sink}", daemon=True)
        self._thread.start()
        if not self._started.wait(10):
            raise RuntimeError(f"parec gave nothing of {sink}")

    def stop(self) -> bytes:
        """End it and give what was recorded: 16-bit mono at RATE_HZ."""
        self._process.terminate()
        self._process.wait(10)
        self._thread.join(10)
        return bytes(self._sound)

    def _read(self) -> None:
        while block := self._process.stdout.read1(4096):
            self._sound += block
            self._started.set()


@dataclass(frozen=True)
class PulseRig:
    folder: Path
    env: dict[str, str]

    def play(self, sound: Path) -> subprocess.Popen[bytes]:
        """Speak a sound file into the microphone, in real time."""
        return subprocess.Popen(["paplay", f"--device={MICROPHONE}", str(sound)], env=self.env)

    def let_hear_itself(self, delay_ms: int, volume: float) -> None:
        """From now on what is played comes back to the microphone, later and softer, as from open speakers."""
        ends = (f"source={SPEAKER}.monitor", f"sink={MICROPHONE}", f"latency_msec={delay_ms}")
        self._ctl("load-module", "module-loopback", *ends)
        self._ctl("set-sink-input-volume", self._ctl("list", "short", "sink-inputs").split()[0], f"{volume:.0%}")

    def _ctl(self, *command: str) -> str:
        return subprocess.run(["pactl", *command], env=self.env, check=True, capture_output=True, text=True).stdout

    def record(self, sink: str) -> Recording:
        return Recording(sink, self.env)


@contextmanager
def running(folder: Path) -> Iterator[PulseRig]:
    """A PulseAudio of our own, gone afterwards."""
    runtime, socket = folder / "run", folder / "pulse.sock"
    runtime.mkdir(mode=0o700)
    script = folder / "rig.pa"
    script.write_text(CONFIG.format(mic=MICROPHONE, spk=SPEAKER, socket=socket))
    env = {**os.environ, "PULSE_SERVER": f"unix:{socket}", "PULSE_RUNTIME_PATH": str(runtime), "HOME": str(folder)}
    env |= {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    options = ["--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes"]
    with (folder / "pulse.log").open("wb") as log:
        server = subprocess.Popen(["pulseaudio", "-n", "-F", str(script), *options], env=env, stdout=log, stderr=log)
        try:
            wait_until_ready(server, env)
            yield PulseRig(folder, env)
        finally:
            server.terminate()
            server.wait(10)


def wait_until_ready(server: subprocess.Popen[bytes], env: dict[str, str]) -> None:
    """``pactl`` itself waits a moment for the server; a few tries cover its start."""
    for _ in range(100):
        if subprocess.run(["pactl", "info"], env=env, capture_output=True, check=False).returncode == 0:
            return
        if server.poll() is not None:
            break
    raise RuntimeError("the private PulseAudio did not start; see pulse.log")
