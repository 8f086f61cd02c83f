"""TensorFlow Lite: is the file a FlatBuffer of that kind? Its library verifies the rest before it uses it.

The identifier is ``file_identifier`` of schema.fbs, its place that of flatbuffers.dev/internals.
"""

from typing import BinaryIO

from assistant.models.formats.reader import BadFile

IDENTIFIER = b"TFL3"


def check(file: BinaryIO) -> None:
    """Raise BadFile unless it begins as a TensorFlow Lite model. Reads eight bytes."""
    if file.read(8)[4:] != IDENTIFIER:
        raise BadFile("it is not a TensorFlow Lite model")
