"""Full, closed and settled."""

import threading

from assistant.session.inbox import Inbox


def test_frames_are_dropped_and_counted_when_it_is_full():
    inbox = Inbox(capacity=2)
    assert [inbox.offer(n) for n in range(3)] == [True, True, False]
    assert inbox.dropped_frames == 1
    assert [inbox.poll(), inbox.poll(), inbox.poll()] == [0, 1, None]


def test_put_waits_for_room_and_keeps_order():
    inbox, got = Inbox(capacity=1), []
    writer = threading.Thread(target=lambda: [inbox.put(n) for n in range(50)], name="writer")
    writer.start()
    got.extend(inbox.get(resting=False) for _ in range(50))
    writer.join(10)
    assert got == list(range(50))


def test_closing_lets_waiting_writers_go():
    inbox, results = Inbox(capacity=1), []
    inbox.put("first")
    writer = threading.Thread(target=lambda: results.append(inbox.put("second")), name="writer")
    writer.start()
    inbox.close()
    writer.join(10)
    assert results == [False]
    assert not inbox.offer("late")
    inbox.settle()


def test_settle_waits_for_a_reader_that_rests():
    inbox, seen = Inbox(), []

    def read() -> None:
        for resting in (False, False, True, True):
            seen.append(inbox.get(resting=resting))

    reader = threading.Thread(target=read, name="reader")
    inbox.put("frame")
    inbox.put("result")
    reader.start()
    inbox.settle()
    assert seen == ["frame", "result"]
    inbox.put("next")
    inbox.settle()
    assert seen == ["frame", "result", "next"]
    inbox.put("last")
    reader.join(10)
