"""GGUF, llama.cpp's format: is the header sound, and is the file as long as its tensors say?

llama.cpp maps the file into memory, so a tensor that lies behind its end is not an error there but a crash. The format
is in ggml's docs/gguf.md.
"""

from math import prod
from typing import BinaryIO

from assistant.models.formats.reader import BadFile, Reader, cut_short

MAGIC = b"GGUF"
VERSIONS = (2, 3)
LEAST_BYTES = 24
BLOCK_BYTES = 1 << 20
MOST_HEADER_BYTES = 64 << 20
"""Vocabularies of a quarter of a million tokens take 15 MB."""

MOST_ENTRIES = 100_000
"""Of metadata, and of tensors; large models have some hundreds and some thousands."""

MOST_DIMENSIONS = 4
LONGEST_KEY_BYTES = 65_535
STRING, ARRAY = 8, 9
VALUE_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
DEFAULT_ALIGNMENT = 32

# ggml's number of a tensor's type: values in a block, and the block's bytes (ggml.c, type_traits).
TYPES = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292)},
    **{16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82)},
    **{23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2)},
    **{34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18)},
}


def check(file: BinaryIO) -> None:
    """Raise BadFile unless llama.cpp may be given the file. Reads the header alone, 0.2 s at most for a real one."""
    reader = Reader(file, BLOCK_BYTES)
    if reader.size < LEAST_BYTES or reader.take(4) != MAGIC:
        raise BadFile("it is not a GGUF model")
    version = reader.number(4)
    if version not in VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big") in VERSIONS
        raise BadFile(
            "it is for big-endian machines"
            if swapped
            else f"it is not a GGUF model of version 2 or 3, but of {version}"
        )
    tensors, entries = _count(reader, "tensors"), _count(reader, "metadata")
    if tensors == 0:
        raise BadFile("it holds no tensors, only a vocabulary")
    alignment = _metadata(reader, entries)
    ends = [_tensor_end(reader) for _ in range(tensors)]
    start = -(-reader.position // alignment) * alignment
    if start + max(ends) > reader.size:
        raise cut_short(reader.size, start + max(ends))


def _count(reader: Reader, what: str) -> int:
    count = reader.number(8)
    if count > MOST_ENTRIES:
        raise BadFile(f"its header is damaged: it counts {count:,} {what}")
    return count


def _metadata(reader: Reader, entries: int) -> int:
    """Go through it. Return the alignment of the tensors, in bytes."""
    alignment = DEFAULT_ALIGNMENT
    for _ in range(entries):
        length = reader.number(8)
        if length > LONGEST_KEY_BYTES:
            raise BadFile("its header is damaged: a key without end")
        key, kind = reader.take(length), reader.number(4)
        if key == b"general.alignment" and VALUE_BYTES.get(kind) == 4:
            alignment = reader.number(4)
        else:
            _skip_value(reader, kind)
        if reader.position > MOST_HEADER_BYTES:
            raise BadFile("its header is damaged: it has no end")
    if alignment == 0 or alignment & (alignment - 1):
        raise BadFile(f"its header is damaged: its tensors are aligned to {alignment} bytes")
    return alignment


def _skip_value(reader: Reader, kind: int) -> None:
    if kind == STRING:
        reader.skip(reader.number(8))
    elif kind == ARRAY:
        inner, count = reader.number(4), reader.number(8)
        if inner == STRING:
            if count * 8 > min(reader.left, MOST_HEADER_BYTES):
                raise cut_short(reader.size)
            reader.skip_strings(count)
        else:
            reader.skip(count * _value_bytes(inner))
    else:
        reader.skip(_value_bytes(kind))


def _value_bytes(kind: int) -> int:
    if kind not in VALUE_BYTES:
        raise BadFile(f"its header is damaged: a value of type {kind}")
    return VALUE_BYTES[kind]


def _tensor_end(reader: Reader) -> int:
    """Where the next tensor ends, in bytes behind the header; one of an unknown, newer type is as good as empty."""
    reader.skip(reader.number(8))
    dimensions = reader.number(4)
    if dimensions > MOST_DIMENSIONS:
        raise BadFile(f"its header is damaged: a tensor of {dimensions} dimensions")
    values = prod(reader.number(8) for _ in range(dimensions))
    in_block, block_bytes = TYPES.get(reader.number(4), (1, 0))
    return reader.number(8) - (-values // in_block) * block_bytes
