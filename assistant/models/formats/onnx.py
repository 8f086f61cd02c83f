"""ONNX: is the file a whole protobuf message with a graph in it? The rest onnxruntime checks itself, and says so.

The fields are those of ``ModelProto`` in onnx.proto, the encoding that of protobuf.dev/programming-guides/encoding.
"""

from typing import BinaryIO

from assistant.models.formats.reader import BadFile, Reader, cut_short

BLOCK_BYTES = 4096
IR_VERSION, GRAPH = 1, 7
VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5
LONGEST_VARINT = 10
MOST_FIELDS = 100_000


def check(file: BinaryIO) -> None:
    """Raise BadFile unless the outermost fields reach exactly to the end of the file. Reads a few KB for each."""
    reader = Reader(file, BLOCK_BYTES)
    seen: set[int] = set()
    fields = 0
    while reader.left:
        fields += 1
        tag = _varint(reader)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in (VARINT, FIXED_64, BYTES, FIXED_32) or fields > MOST_FIELDS:
            raise BadFile("it is damaged" if GRAPH in seen else "it is not an ONNX model")
        seen.add(number)
        if wire == VARINT:
            _varint(reader)
        else:
            reader.skip({FIXED_64: 8, FIXED_32: 4}.get(wire) or _varint(reader))
    if not reader.size:
        raise cut_short(0)
    if not {IR_VERSION, GRAPH} <= seen:
        raise BadFile("it is not an ONNX model")


def _varint(reader: Reader) -> int:
    value = 0
    for place in range(LONGEST_VARINT):
        byte = reader.number(1)
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value
    raise BadFile("it is not an ONNX model")
