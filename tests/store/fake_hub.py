"""A Hugging Face hub on loopback: just enough for hf_hub_download."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "somebody/something"


class FakeHub(ThreadingHTTPServer):
    """Serves ``files`` (path to bytes) of one repository at one commit, and remembers what was asked."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(files)
        self.requests: list[tuple[str, str, str | None]] = []
        self.cut_at: int | None = None
        """Close the connection of the next GET after so many bytes."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def count(self, method: str) -> int:
        return sum(asked == method for asked, _, _ in self.requests)


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at ``requests``."""

    def _answer(self, body: bool) -> None:
        wanted = self.headers.get("Range")
        self.server.requests.append((self.command, self.path, wanted))
        data = self.server.files.get(self.path.removeprefix(f"/{REPO}/resolve/{COMMIT}/"))
        if data is None:
            self.send_response(404)
            known = self.path.startswith(f"/{REPO}/resolve/")
            self.send_header("X-Error-Code", "EntryNotFound" if known else "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.send_response(206 if start else 200)
        etag = hashlib.sha256(data).hexdigest()
        for name, value in {
            "ETag": f'"{etag}"',
            "X-Linked-Etag": f'"{etag}"',
            "X-Linked-Size": str(len(data)),
            "X-Repo-Commit": COMMIT,
            "Accept-Ranges": "bytes",
            "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}",
            "Content-Length": str(len(data) - start),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            cut, self.server.cut_at = self.server.cut_at, None
            self.wfile.write(data[start:cut])
            if cut is not None:
                self.close_connection = True


@contextmanager
def hub(files: Mapping[str, bytes]) -> Iterator[FakeHub]:
    server = FakeHub(files)
    thread = threading.Thread(target=server.serve_forever, name="fake-hub", kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
