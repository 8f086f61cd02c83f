"""Copying a model's files, each checked against its record while it is read."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Protocol

from assistant.errors import ModelCorrupt
from assistant.session.turn import CancelToken
from assistant.store.manifest import BLOCK_BYTES, FileRecord
from assistant.store.progress import Listener, Progress


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class Checked:
    """Reads on from ``source``, reports how far it is, and knows at the end whether the bytes are those of the record.

    Cancelled between two reads.
    """

    def __init__(
        self, source: Readable, model_id: str, record: FileRecord, progress: Listener, token: CancelToken
    ) -> None:
        self._source = source
        self._model_id = model_id
        self._record = record
        self._progress = progress
        self._token = token
        self._sha256 = hashlib.sha256()
        self._read = 0

    def read(self, size: int = BLOCK_BYTES, /) -> bytes:
        """At most ``size`` bytes; never more than one over what the record says. Raises OSError, Cancelled."""
        self._token.raise_if_cancelled()
        block = self._source.read(min(size, BLOCK_BYTES, self._record.size - self._read + 1))
        self._sha256.update(block)
        self._read += len(block)
        self._progress(Progress(self._model_id, self._record.name, self._read, self._record.size, "checking"))
        return block

    def finish(self) -> None:
        """Raises ModelCorrupt unless everything was read and is what the record says."""
        self.read()  # nothing more may follow
        if (self._read, self._sha256.hexdigest()) != (self._record.size, self._record.sha256):
            raise ModelCorrupt(
                f"{self._model_id}: {self._record.name} is damaged: its bytes are not those that were recorded",
                hint="Where it comes from: assistant models verify. Here nothing was changed.",
            )
        self._progress(Progress(self._model_id, self._record.name, self._read, self._record.size, "done"))


def copy(reader: Checked, target: Path) -> None:
    """Write what is read to a new file, durably. Raises ModelCorrupt, OSError, Cancelled."""
    with target.open("xb") as file:
        shutil.copyfileobj(reader, file, BLOCK_BYTES)
        file.flush()
        os.fsync(file.fileno())
    reader.finish()
