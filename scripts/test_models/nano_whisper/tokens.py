"""Whisper's token layout around a byte-pair vocabulary of our own: pieces, special tokens, timestamps."""

from functools import cached_property
from typing import Any

from scripts.test_models.sentences import vocabulary

PIECES = 512
SPECIALS = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
TIMESTAMPS = tuple(f"<|{step * 0.02:.2f}|>" for step in range(1501))


class Tokens:
    """The tokenizer that tokenizer.json holds, and its special tokens by id."""

    def __init__(self) -> None:
        self.tokenizer: Any = _trained()
        self.end = self._id("<|endoftext|>")
        self.start = self._id("<|startoftranscript|>")
        self.no_speech = self._id("<|nospeech|>")
        self.no_timestamps = self._id("<|notimestamps|>")
        self.space = self._id("Ġ")

    @cached_property
    def listed(self) -> list[str]:
        """Every token in the order of its id."""
        return [self.tokenizer.id_to_token(number) for number in range(self.tokenizer.get_vocab_size())]

    @cached_property
    def first_pieces(self) -> list[int]:
        """Tokens that begin a word."""
        return sorted({self.encode(word)[0] for sentence in vocabulary() for word in sentence.split()})

    def encode(self, sentence: str) -> list[int]:
        """As Whisper writes: a space before every word, the first included."""
        ids: list[int] = self.tokenizer.encode(" " + sentence, add_special_tokens=False).ids
        return ids

    def _id(self, token: str) -> int:
        number: int = self.tokenizer.token_to_id(token)
        return number


def _trained() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=PIECES, initial_alphabet=sorted(alphabet), show_progress=False)
    words = sorted({word for sentence in vocabulary() for word in sentence.split()})
    # A lone space is among the tokens that Whisper's callers suppress, so every word must begin with more than that.
    letters = [" " + letter for letter in sorted({word[0] for word in words})] * 200
    sentences = [" " + sentence for sentence in vocabulary()]
    tokenizer.train_from_iterator([*letters, *sentences, *(" " + word for word in words)], trainer)
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.add_tokens(list(TIMESTAMPS))
    return tokenizer
