"""A file that has not arrived whole yet."""

import hashlib
import os
from pathlib import Path
from types import TracebackType

from assistant.session.turn import CancelToken
from assistant.store.manifest import BLOCK_BYTES


class Part:
    """Grows at its end and knows the digest of what it holds. For one thread at a time; closing it makes it durable.

    Reading what an earlier attempt left is cancelled between two blocks of a megabyte. Raises OSError.
    """

    def __init__(self, path: Path, token: CancelToken) -> None:
        self._sha256 = hashlib.sha256()
        self.received = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        self._file.seek(0)
        try:
            while block := self._file.read(BLOCK_BYTES):
                token.raise_if_cancelled()
                self._take(block)
        except BaseException:
            self._file.close()
            raise

    @property
    def sha256(self) -> str:
        """Of everything received so far, in lower-case hexadecimal."""
        return self._sha256.hexdigest()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._take(piece)

    def restart(self) -> None:
        """Forget everything."""
        self._file.truncate(0)
        self._sha256 = hashlib.sha256()
        self.received = 0

    def __enter__(self) -> "Part":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())

    def _take(self, piece: bytes) -> None:
        self._sha256.update(piece)
        self.received += len(piece)
