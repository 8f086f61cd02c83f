"""A SentencePiece vocabulary with byte fallback, made of the corpus by byte-pair merges (Sennrich et al., 2016)."""

import re
import string
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

SPACE = "\u2581"
SPECIALS = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
TAGS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>")
END = SPECIALS.index("<|im_end|>")
UNDEFINED, CONTROL, USER_DEFINED, NORMAL, BYTE = 2, 3, 4, 1, 6
"""Token types of GGUF."""

WORD = re.compile(rf"{SPACE}?[A-Za-z_]+|\d|{SPACE}?[^\w\s{SPACE}]+|{SPACE}")


def learn_pieces(texts: Iterable[str], count: int) -> list[str]:
    """Up to ``count`` merged pieces, the most frequent merge first; a piece is never more than a word."""
    text = " ".join(texts)
    for mark in (*SPECIALS, *TAGS):
        text = text.replace(mark, "\n")
    words = {tuple(word): n for word, n in Counter(WORD.findall(text.replace(" ", SPACE))).items()}
    pieces: list[str] = []
    while len(pieces) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, n in words.items():
            for pair in pairwise(word):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if "".join(best) not in pieces:
            pieces.append("".join(best))
        words = {_merged(word, best) if best[0] in word else word: n for word, n in words.items()}
    return pieces


def _merged(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    parts: list[str] = []
    for part in word:
        if parts and (parts[-1], part) == pair:
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


def tokens(pieces: list[str]) -> tuple[list[str], list[float], list[int]]:
    """Texts, scores and types of all tokens: earlier merges score higher, as SentencePiece does for BPE."""
    letters = [*(c for c in string.printable[:94]), SPACE]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    texts = [*SPECIALS, *TAGS, *bytes_, *letters, *pieces]
    marks = len(SPECIALS) + len(TAGS)
    scores = [0.0] * (marks + 256) + [-1e6] * len(letters) + [-float(rank) for rank in range(len(pieces))]
    kinds = [UNDEFINED, *[CONTROL] * (len(SPECIALS) - 1), *[USER_DEFINED] * len(TAGS), *[BYTE] * 256]
    return texts, scores, kinds + [NORMAL] * (len(texts) - len(kinds))
