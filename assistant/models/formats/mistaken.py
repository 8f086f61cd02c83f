"""What a file really is that was taken for a model, told from its first bytes."""

import codecs
from collections.abc import Callable

HEAD_BYTES = 4096
Test = Callable[[bytes], bool]


def _page(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:14].lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml"))


def _safetensors(head: bytes) -> bool:
    """The length of a JSON header in 64 bits, and that header."""
    return head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 1 << 32


def _torch_archive(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and b"/data.pkl" in head


def _text(head: bytes) -> bool:
    """Whether it is text that one could read; the last character may be cut in two."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    return all(sign.isprintable() or sign in "\t\n\r" for sign in text) and "\ufffd" not in text


BROKEN: tuple[tuple[Test, str], ...] = (
    (lambda head: not head, "it is empty"),
    (lambda head: head.startswith(b"version https://git-lfs"), "it is a Git LFS pointer (a note in place of the file)"),
    (_page, "it is a web page"),
    (lambda head: not head.strip(b"\0"), "it begins with zeros alone (a download that broke off)"),
)
"""A file that never arrived: what it is."""

OTHERS: tuple[tuple[Test, str], ...] = (
    (lambda head: head.startswith(b"GGUF"), "it is a GGUF model"),
    (lambda head: head[:4] in (b"lmgg", b"fmgg", b"tjgg", b"algg"), "it is a GGML file (the format before GGUF)"),
    (_safetensors, "it is a safetensors file"),
    (lambda head: head.startswith(b"\x80\x02") or _torch_archive(head), "it is a PyTorch file"),
    (lambda head: head.startswith(b"PK\x03\x04"), "it is a ZIP archive"),
    (lambda head: head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")), "it is an archive"),
    (lambda head: head[257:262] == b"ustar", "it is a tar archive"),
    (lambda head: head[4:8] == b"TFL3", "it is a TensorFlow Lite model"),
    (lambda head: head.startswith(b"\x89HDF"), "it is an HDF5 file"),
)
"""A file of another format: what it is."""


def broken(head: bytes) -> str | None:
    """Why a file with this beginning is no model of any kind; None where it may be one."""
    return _first(BROKEN, head)


def other_format(head: bytes) -> str | None:
    """The known format of a file with this beginning, or None."""
    return _first(OTHERS, head) or ("it is text" if _text(head) else None)


def _first(table: tuple[tuple[Test, str], ...], head: bytes) -> str | None:
    return next((what for test, what in table if test(head)), None)
