"""Everything that can go wrong between a hub and the disk, each driven for real against the fake hub."""

import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import DownloadFailed, OutputError
from assistant.session.turn import Cancelled, CancelToken
from assistant.store.hub import Hub, Patience, pause
from assistant.store.progress import Progress
from assistant.store.pull import pull
from tests.store.fake_hub import FakeHub, Fault, hub
from tests.store.made_up import FILES, entry_of, file_of, visible

BIG = {"big.onnx": bytes(range(256)) * 500}
SIZE = len(BIG["big.onnx"])


@pytest.fixture
def served() -> Iterator[FakeHub]:
    with hub({**FILES, **BIG}) as server:
        yield server


class Waits(list[float]):
    """What a patient client would have waited, in seconds; nobody waits."""

    def __call__(self, seconds: float, token: CancelToken) -> None:
        self.append(seconds)


def fetch(served: FakeHub, root: Path, waits: Waits | None = None, tries: int = 5, stall_s: float = 10) -> bytes:
    """Pull the big file."""
    patient = Hub(served.url, Patience(tries=tries, stall_s=stall_s), Waits() if waits is None else waits)
    return pull([entry_of(BIG)], root, hub=patient)[0].read_bytes()


def ranges(served: FakeHub) -> list[str | None]:
    return [asked.range for asked in served.asked("GET")]


def parts(root: Path) -> list[Path]:
    return sorted(root.glob(".staging/*/*.part"))


def test_wrong_bytes_are_refused_and_nothing_is_visible(served: FakeHub, tmp_path: Path) -> None:
    served.files["big.onnx"] = bytes(SIZE)
    with pytest.raises(DownloadFailed, match="not the file that the catalogue promises: its SHA-256 is") as raised:
        fetch(served, tmp_path)
    assert "Nothing was installed" in raised.value.hint
    assert visible(tmp_path) == []
    served.files.update(BIG)  # mended at its source: the wrong bytes are not gone on with
    assert fetch(served, tmp_path) == BIG["big.onnx"]


@pytest.mark.parametrize("size", [1, SIZE - 1, SIZE + 1])
def test_a_file_of_another_size_is_refused(served: FakeHub, tmp_path: Path, size: int) -> None:
    served.files["big.onnx"] = bytes(size)
    with pytest.raises(DownloadFailed, match=f"it has {size} bytes, not {SIZE}"):
        fetch(served, tmp_path)
    assert visible(tmp_path) == []


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=4).map(sorted))
def test_a_connection_that_breaks_anywhere_is_taken_up_where_it_broke(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    with hub(BIG) as served:
        served.faults.extend(Fault(cut_at=cut) for cut in cuts)
        assert fetch(served, tmp_path_factory.mktemp("models")) == BIG["big.onnx"]
        assert ranges(served) == [None, *(f"bytes={cut}-" if cut else None for cut in cuts)]


def test_a_pull_that_gave_up_is_gone_on_with_by_the_next_one(served: FakeHub, tmp_path: Path) -> None:
    served.faults.append(Fault(cut_at=70_001))
    with pytest.raises(DownloadFailed, match="the hub cannot be reached") as raised:
        fetch(served, tmp_path, tries=1)
    assert "what has arrived is kept" in raised.value.hint
    assert [path.stat().st_size for path in parts(tmp_path)] == [70_001]
    assert visible(tmp_path) == []
    assert fetch(served, tmp_path) == BIG["big.onnx"]
    assert ranges(served) == [None, "bytes=70001-"]


def test_a_hub_that_begins_at_the_beginning_is_listened_to_from_there(served: FakeHub, tmp_path: Path) -> None:
    served.faults.extend([Fault(cut_at=70_001), Fault(ignore_range=True)])
    assert fetch(served, tmp_path) == BIG["big.onnx"]


def test_a_part_that_was_spoilt_is_found_out_and_not_gone_on_with_twice(served: FakeHub, tmp_path: Path) -> None:
    served.faults.append(Fault(cut_at=70_001))
    with pytest.raises(DownloadFailed):
        fetch(served, tmp_path, tries=1)
    parts(tmp_path)[0].write_bytes(bytes(70_001))
    with pytest.raises(DownloadFailed, match="SHA-256"):
        fetch(served, tmp_path)
    assert parts(tmp_path) == []
    assert fetch(served, tmp_path) == BIG["big.onnx"]


def test_a_part_that_is_too_long_is_begun_again(served: FakeHub, tmp_path: Path) -> None:
    served.faults.append(Fault(cut_at=70_001))
    with pytest.raises(DownloadFailed):
        fetch(served, tmp_path, tries=1)
    parts(tmp_path)[0].write_bytes(bytes(SIZE + 1))
    assert fetch(served, tmp_path) == BIG["big.onnx"]
    assert ranges(served) == [None, None]


@pytest.mark.parametrize(
    ("fault", "message", "hint"),
    [
        (Fault(404, {"X-Error-Code": "EntryNotFound"}), r"the hub has no big\.onnx in somebody/something", "withdrawn"),
        (Fault(404, {"X-Error-Code": "RepoNotFound"}), r"the hub has no big\.onnx in somebody/something", "withdrawn"),
        (Fault(404, {"X-Error-Code": "RevisionNotFound"}), r"at 0123456789abcdef", "withdrawn"),
        (Fault(404), r"the hub has no big\.onnx in somebody/something", "withdrawn"),
        (Fault(401), "somebody/something asks for an account", "HF_TOKEN"),
        (Fault(403, {"X-Error-Code": "GatedRepo"}), "somebody/something asks for an account", "HF_TOKEN"),
        (Fault(418), "the hub refuses with 418", "network"),
    ],
)
def test_what_the_hub_refuses_is_said_at_once(
    served: FakeHub, tmp_path: Path, fault: Fault, message: str, hint: str
) -> None:
    served.faults.append(fault)
    with pytest.raises(DownloadFailed, match=message) as raised:
        fetch(served, tmp_path)
    assert hint in raised.value.hint
    assert len(served.requests) == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(429, {"Retry-After": "7"}), [7.0]),
        (Fault(429, {"RateLimit": '"resolvers";r=0;t=55'}), [55.0]),
        (Fault(429), [1.0]),
        (Fault(503, {"Retry-After": "7"}), [7.0]),
        (Fault(500), [1.0]),
    ],
)
def test_a_busy_hub_is_asked_again_after_as_long_as_it_says(
    served: FakeHub, tmp_path: Path, fault: Fault, expected: list[float]
) -> None:
    waits = Waits()
    served.faults.append(fault)
    assert fetch(served, tmp_path, waits) == BIG["big.onnx"]
    assert waits == expected


def test_a_hub_that_asks_for_an_hour_is_not_waited_for(served: FakeHub, tmp_path: Path) -> None:
    waits = Waits()
    served.faults.append(Fault(429, {"Retry-After": "3600"}))
    with pytest.raises(DownloadFailed, match="the hub answers with 429; it asks to wait 3600 s") as raised:
        fetch(served, tmp_path, waits)
    assert "later" in raised.value.hint
    assert waits == []


def test_a_hub_that_stays_broken_is_given_up_after_a_few_tries(served: FakeHub, tmp_path: Path) -> None:
    waits = Waits()
    served.always = Fault(500)
    with pytest.raises(DownloadFailed, match="the hub answers with 500"):
        fetch(served, tmp_path, waits)
    assert waits == [1.0, 2.0, 4.0, 8.0]
    assert len(served.requests) == 5


def test_bytes_that_arrive_renew_the_patience(served: FakeHub, tmp_path: Path) -> None:
    waits = Waits()
    served.faults.extend(Fault(cut_at=at) for at in range(10_000, 100_000, 10_000))
    assert fetch(served, tmp_path, waits, tries=2) == BIG["big.onnx"]
    assert waits == [1.0] * 9


def test_a_hub_that_falls_silent_is_asked_again_for_the_rest(served: FakeHub, tmp_path: Path) -> None:
    served.faults.append(Fault(stall_at=70_001))
    assert fetch(served, tmp_path, stall_s=0.1) == BIG["big.onnx"]
    assert ranges(served) == [None, "bytes=70001-"]


def test_a_hub_that_stays_silent_is_given_up(served: FakeHub, tmp_path: Path) -> None:
    served.always = Fault(stall_at=0)
    with pytest.raises(DownloadFailed, match="timed out"):
        fetch(served, tmp_path, stall_s=0.2, tries=2)
    assert len(served.requests) == 2


def test_a_hub_that_cannot_be_reached_is_not_asked_twice(tmp_path: Path) -> None:
    waits = Waits()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        nobody = Hub(f"http://127.0.0.1:{unused.getsockname()[1]}", wait=waits)
        with pytest.raises(DownloadFailed, match=r"the hub cannot be reached: .*refused") as raised:
            pull([entry_of(FILES)], tmp_path, hub=nobody)
    assert "network" in raised.value.hint
    assert waits == []


def test_a_proxy_of_the_environment_is_used(served: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import close_session

    monkeypatch.setenv("HTTP_PROXY", served.url)
    monkeypatch.setenv("NO_PROXY", "")
    close_session()  # the client reads the environment once
    try:
        (path,) = pull([entry_of(BIG)], tmp_path, endpoint="http://hub.invalid")
    finally:
        close_session()
    assert path.read_bytes() == BIG["big.onnx"]
    assert [asked.path.startswith("http://hub.invalid/") for asked in served.requests] == [True]


def test_a_model_that_cannot_be_had_does_not_hold_up_the_others(served: FakeHub, tmp_path: Path) -> None:
    gone = entry_of({}, id="gone", files=[file_of("gone.onnx", b"gone"), file_of("big.onnx", BIG["big.onnx"])])
    with pytest.raises(DownloadFailed, match=r"gone: the hub has no gone\.onnx"):
        pull([gone, entry_of(FILES)], tmp_path, endpoint=served.url)
    assert visible(tmp_path) == ["tts/a-voice/voice.onnx", "tts/a-voice/voice.onnx.json"]


def test_a_disk_that_fills_up_is_named_and_what_arrived_is_kept(served: FakeHub, tmp_path: Path) -> None:
    """Driven by the size limit that the system sets a process: writing past it fails as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        with pytest.raises(OutputError, match=r"cannot write the model to .*too large") as raised:
            fetch(served, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "Free some space" in raised.value.hint
    assert visible(tmp_path) == []
    assert fetch(served, tmp_path) == BIG["big.onnx"]
    assert ranges(served)[1] not in (None, "bytes=0-")


def test_a_folder_that_cannot_be_written(served: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write the model") as raised:
        fetch(served, tmp_path / "file" / "models")
    assert "models.dir" in raised.value.hint


def test_cancelled_between_two_pieces_it_keeps_what_arrived(served: FakeHub, tmp_path: Path) -> None:
    token = CancelToken()

    def listen(progress: Progress) -> None:
        if progress.received:
            token.cancel("enough")

    with pytest.raises(Cancelled, match="enough"):
        pull([entry_of({**BIG, **FILES})], tmp_path, progress=listen, token=token, endpoint=served.url)
    assert visible(tmp_path) == []
    assert not any(thread.name.startswith("pull") for thread in threading.enumerate())
    assert sum(path.stat().st_size for path in parts(tmp_path)) > 0
    assert fetch(served, tmp_path) == BIG["big.onnx"]


def test_cancelled_while_a_busy_hub_is_waited_for(served: FakeHub, tmp_path: Path) -> None:
    token = CancelToken()
    served.faults.append(Fault(429, {"Retry-After": "60"}))

    def wait(seconds: float, its_token: CancelToken) -> None:
        threading.Thread(target=token.cancel, args=("enough",), name="canceller").start()
        pause(seconds, its_token)

    with pytest.raises(Cancelled, match="enough"):
        pull([entry_of(BIG)], tmp_path, token=token, hub=Hub(served.url, wait=wait))
    assert len(served.requests) == 1
