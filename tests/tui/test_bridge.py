"""The one crossing: order, bounds and the end of the thread."""

import threading

from assistant.bus import Bus
from assistant.events import Event, Levels
from assistant.tui.bridge import IN_FLIGHT, Bridge, BusEvent
from tests.tui.fakes import levels, partial


class Screen:
    """Takes messages and shows none until asked; ``wait_for`` returns once so many have come."""

    def __init__(self) -> None:
        self.messages: list[BusEvent] = []
        self._arrived = threading.Condition()

    def post(self, message: BusEvent) -> None:
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()

    def wait_for(self, count: int) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.messages) >= count, timeout=10)


def words(count: int) -> list[Event]:
    return [partial(number, "word") for number in range(count)]


def test_events_keep_their_order() -> None:
    bus, screen = Bus(), Screen()
    bridge = Bridge(bus, screen.post)
    bridge.start()

    for event in words(500):
        bus.publish(event)
    screen.wait_for(500)
    bridge.stop()

    assert [bridge.arrive(message) for message in screen.messages] == words(500)


def test_of_the_levels_only_the_newest_waits_for_the_screen() -> None:
    bus, screen = Bus(), Screen()
    bridge = Bridge(bus, screen.post)
    for number in range(10_000):
        bus.publish(levels(microphone_dbfs=-float(number)))
    bus.publish(partial(1, "last"))

    bridge.start()
    screen.wait_for(2)
    bridge.stop()

    first, last = screen.messages
    assert bridge.arrive(first) == levels(microphone_dbfs=-9_999.0)
    assert bridge.arrive(last) == partial(1, "last")


def test_levels_come_again_once_the_screen_has_shown_some() -> None:
    bus, screen = Bus(), Screen()
    bridge = Bridge(bus, screen.post)
    bridge.start()

    for number in range(3):
        bus.publish(levels(microphone_dbfs=-float(number)))
        screen.wait_for(number + 1)
        assert isinstance(bridge.arrive(screen.messages[-1]), Levels)
    bridge.stop()

    assert len(screen.messages) == 3


def test_a_screen_that_shows_nothing_is_not_flooded_and_does_not_keep_the_thread() -> None:
    bus, screen = Bus(), Screen()
    bridge = Bridge(bus, screen.post)
    bridge.start()
    for number, event in enumerate(words(IN_FLIGHT)):
        bus.publish(event)
        screen.wait_for(number + 1)

    bus.publish(partial(0, "one too many"))
    bridge.stop()

    assert len(screen.messages) == IN_FLIGHT
    assert not [thread for thread in threading.enumerate() if thread.name == "tui-bridge"]


def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    bridge = Bridge(Bus(), Screen().post)

    bridge.stop()
    bridge.stop()
