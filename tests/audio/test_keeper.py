import queue

from assistant.audio import keeper as keeping
from assistant.audio.devices import find_device
from assistant.audio.fakes import FakeSounddevice, fake_device
from assistant.audio.keeper import Lease, StreamKeeper
from assistant.audio.portaudio import DeviceStream, Format, PortAudio
from assistant.errors import AssistantError

WAIT_S = 30


class Bench:
    def __init__(self) -> None:
        self.card = FakeSounddevice([fake_device("Card")])
        self.portaudio = PortAudio(self.card)
        self.troubles: queue.Queue[AssistantError | None] = queue.Queue()
        self.leases: list[Lease] = []
        self.keeper = StreamKeeper("card", lambda: self.portaudio, self.open, self.troubles.put, backoff_s=(0,))

    def open(self, portaudio: PortAudio, lease: Lease, on_end: object) -> DeviceStream:
        self.leases.append(lease)
        device = find_device(None, "input", portaudio)
        return portaudio.open(
            "input",
            device,
            Format(16_000, 1),
            block_s=0.01,
            latency="low",
            fill=lambda *_: None,
            on_end=on_end,
        )


def test_a_stream_that_ends_is_opened_again() -> None:
    bench = Bench()
    bench.keeper.start()
    assert bench.keeper.alive
    bench.card.streams[0].die()
    assert bench.troubles.get(timeout=WAIT_S) is not None
    assert bench.troubles.get(timeout=WAIT_S) is None
    assert bench.keeper.alive
    assert [lease.valid for lease in bench.leases] == [False, True]
    assert [stream.closed for stream in bench.card.streams] == [True, False]
    bench.keeper.stop()
    assert bench.card.streams[1].closed


def test_a_callback_that_is_still_counts_as_dead(monkeypatch: object) -> None:
    monkeypatch.setattr(keeping, "CHECK_S", 0)
    bench = Bench()
    bench.keeper.start()  # its callback is never called
    assert bench.troubles.get(timeout=WAIT_S) is not None
    assert bench.troubles.get(timeout=WAIT_S) is None
    bench.keeper.stop()


def test_stopping_is_no_trouble() -> None:
    bench = Bench()
    bench.keeper.start()
    bench.keeper.stop()
    bench.keeper.stop()
    assert bench.card.streams[0].closed
    assert bench.troubles.empty()


def test_stopping_ends_the_attempts() -> None:
    bench = Bench()
    bench.keeper.start()
    bench.card.unplugged = True
    bench.card.streams[0].die()
    assert bench.troubles.get(timeout=WAIT_S) is not None
    bench.keeper.stop()
    assert not bench.keeper.alive
    assert bench.troubles.empty()
