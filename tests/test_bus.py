"""Fan-out, order, and whose events are lost."""

import threading

from assistant.bus import Bus
from assistant.events import MutedChanged, TurnStarted, as_dict, name_of


def event(n: int) -> TurnStarted:
    return TurnStarted(at_s=float(n), turn_id=n, origin="text")


def test_every_subscriber_gets_every_event_in_order():
    bus = Bus()
    first, second = bus.subscribe(), bus.subscribe()
    for n in range(5):
        bus.publish(event(n))
    bus.close()
    assert [e.turn_id for e in first] == [e.turn_id for e in second] == [0, 1, 2, 3, 4]


def test_a_slow_subscriber_loses_its_own_oldest_events_and_knows_how_many():
    bus = Bus()
    slow, fast = bus.subscribe(capacity=2), bus.subscribe(capacity=10)
    for n in range(5):
        bus.publish(event(n))
    bus.close()
    assert [e.turn_id for e in slow] == [3, 4]
    assert (slow.dropped, fast.dropped) == (3, 0)


def test_a_reader_is_woken_by_an_event_and_by_the_end():
    bus = Bus()
    mailbox, got = bus.subscribe(), []
    reader = threading.Thread(target=lambda: got.extend(mailbox), name="reader")
    reader.start()
    bus.publish(event(1))
    bus.close()
    reader.join(10)
    assert [e.turn_id for e in got] == [1]
    assert bus.subscribe().get() is None


def test_events_become_json_ready_data():
    assert name_of(event(1)) == "turn_started"
    assert as_dict(MutedChanged(at_s=1.5, muted=True)) == {
        "event": "muted_changed",
        "at_s": 1.5,
        "turn_id": None,
        "muted": True,
    }
