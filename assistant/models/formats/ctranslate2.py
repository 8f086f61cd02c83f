"""``model.bin`` of CTranslate2: is it whole, and is it Whisper?

The layout is that of ``ModelSpec._serialize`` in ctranslate2's specs/model_spec.py.
"""

from math import prod
from typing import BinaryIO

from assistant.models.formats.reader import BadFile, Reader

BLOCK_BYTES = 4096
NEWEST_VERSION = 99
"""What CTranslate2 does not know itself it refuses in words; a number above this is no version."""

SIZED_VERSION = 4
"""From this version of the file on, a variable tells its type and its bytes."""

LONGEST_NAME_BYTES = 255
MOST_VARIABLES = 100_000
MOST_DIMENSIONS = 8
VALUE_BYTES = (4, 1, 2, 4, 2, 2)
"""By number of the type: float32, int8, int16, int32, float16, bfloat16."""


def check(file: BinaryIO, spec: str) -> None:
    """Raise BadFile unless it is a whole model of that ``spec``: ``WhisperSpec``. Reads a few KB for each tensor."""
    reader = Reader(file, BLOCK_BYTES)
    version, length = reader.number(4), reader.number(2)
    if not 2 <= version <= NEWEST_VERSION or not 1 <= length <= LONGEST_NAME_BYTES:
        raise BadFile("it is not a CTranslate2 model")
    name = reader.take(length).rstrip(b"\0").decode("ascii", "replace")
    if not name.isidentifier():
        raise BadFile("it is not a CTranslate2 model")
    if name != spec:
        raise BadFile(f"it is a CTranslate2 model, but made as {name}, not as {spec}")
    reader.skip(4)  # the revision of the specification
    if version < SIZED_VERSION:
        return
    variables = reader.number(4)
    if not 1 <= variables <= MOST_VARIABLES:
        raise BadFile(f"its header is damaged: it counts {variables:,} variables")
    for _ in range(variables):
        _skip_variable(reader)
    aliases = reader.number(4)
    if aliases > MOST_VARIABLES:
        raise BadFile(f"it is damaged: it counts {aliases:,} aliases")
    for _ in range(2 * aliases):
        reader.skip(reader.number(2))


def _skip_variable(reader: Reader) -> None:
    reader.skip(reader.number(2))
    dimensions = reader.number(1)
    if dimensions > MOST_DIMENSIONS:
        raise BadFile(f"it is damaged: a variable of {dimensions} dimensions")
    values = prod(reader.number(4) for _ in range(dimensions))
    kind, size = reader.number(1), reader.number(4)
    if kind < len(VALUE_BYTES) and size != values * VALUE_BYTES[kind]:
        raise BadFile("it is damaged: a variable has not the size of its shape")
    reader.skip(size)
