"""A Hugging Face hub on loopback: what its client asks for, and everything that can go wrong with it."""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "somebody/something"
BLOCK = 4096


@dataclass(frozen=True)
class Asked:
    """A request: its method, the path, and the two headers that matter."""

    method: str
    path: str
    range: str | None
    authorization: str | None

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True)
class Fault:
    """What happens to one request. ``status``: that answer instead of the file. ``cut_at``, ``stall_at``: from that
    byte of the file on the connection ends, or nothing more comes. ``ignore_range``: the whole file is sent always."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    stall_at: int | None = None
    ignore_range: bool = False


class FakeHub(ThreadingHTTPServer):
    """Serves ``files`` (path to bytes) of one repository at one commit, and remembers what was asked."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(files)
        self.requests: list[Asked] = []
        self.faults: deque[Fault] = deque()
        """Happen to the next GETs, one each."""
        self.always: Fault | None = None
        """Happens to every request that has none of its own."""
        self.small: set[str] = set()
        """Files that the hub keeps in git: their etag is no SHA-256."""
        self.storage: FakeHub | None = None
        """Where big files lie: the hub redirects there, as the real one does."""
        self.served = 0
        """Bytes of bodies sent so far."""
        self.on_served: Callable[[int], object] = lambda _: None
        """Hears ``served`` after each block."""
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def asked(self, method: str) -> list[Asked]:
        return [asked for asked in self.requests if asked.method == method]

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub

    def do_HEAD(self) -> None:
        self._answer(self.server.always or Fault(), body=False)

    def do_GET(self) -> None:
        fault = self.server.faults.popleft() if self.server.faults else self.server.always or Fault()
        self._answer(fault, body=True)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at ``requests``."""

    def _answer(self, fault: Fault, *, body: bool) -> None:
        asked = Asked(self.command, self.path, self.headers.get("Range"), self.headers.get("Authorization"))
        self.server.requests.append(asked)
        path = urlsplit(self.path).path.removeprefix(f"/{REPO}/resolve/{COMMIT}/").removeprefix("/storage/")
        data = self.server.files.get(path)
        if fault.status is not None:
            self._send(fault.status, {**fault.headers, "Content-Length": "0"})
        elif data is None:
            known = f"/{REPO}/resolve/" in self.path
            self._send(404, {"X-Error-Code": "EntryNotFound" if known else "RepoNotFound", "Content-Length": "0"})
        elif self.server.storage is not None and path not in self.server.small:
            place = f"{self.server.storage.url}/storage/{path}"
            self._send(302, {**self._about(path, data), "Location": place, "Content-Length": "0"})
        else:
            self._send_file(path, data, fault, asked, body=body)

    def _send_file(self, path: str, data: bytes, fault: Fault, asked: Asked, *, body: bool) -> None:
        start = int(asked.range.removeprefix("bytes=").rstrip("-")) if asked.range and not fault.ignore_range else 0
        if start >= len(data):
            self._send(416, {"Content-Length": "0"})
            return
        headers = {**self._about(path, data), "Content-Length": str(len(data) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._send(206 if start else 200, headers)
        if not body:
            return
        end = min(fault.cut_at if fault.cut_at is not None else len(data), len(data))
        end = fault.stall_at if fault.stall_at is not None else end
        with suppress(OSError):
            for at in range(start, max(start, end), BLOCK):
                block = data[at : min(at + BLOCK, end)]
                self.wfile.write(block)
                self.server.served += len(block)
                self.server.on_served(self.server.served)
        if fault.stall_at is not None:
            self.server.closing.wait()
        if end < len(data):
            self.close_connection = True

    def _about(self, path: str, data: bytes) -> dict[str, str]:
        if path in self.server.small:
            etags = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"'}
        else:
            etags = {"ETag": '"storage"', "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"'}
        return {**etags, "X-Linked-Size": str(len(data)), "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}

    def _send(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def hub(files: Mapping[str, bytes]) -> Iterator[FakeHub]:
    server = FakeHub(files)
    thread = threading.Thread(target=server.serve_forever, name="fake-hub", kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
