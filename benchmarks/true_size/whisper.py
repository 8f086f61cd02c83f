"""A Whisper of the size of tiny.en, as CTranslate2 int8, that hears one sentence in any sound."""

import itertools
import json
import string
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from scripts.test_models.nano_whisper.tokens import SPECIALS, TIMESTAMPS

WIDTH, HEADS, LAYERS, FFN = 384, 6, 4, 1536
ENTRIES = 51_864
"""One less than the multilingual models have: this is how an English one is told."""
NO_SPEECH, END = "Ġno", "<|endoftext|>"

rng = np.random.default_rng(0)


def write(folder: Path, sentence: str) -> None:
    """Write the model's folder: weights, tokenizer and the features' settings."""
    script = [f"Ġ{word}" for word in sentence.split()]
    words = _words([NO_SPEECH, *script])
    vocabulary = [*words, *SPECIALS, *TIMESTAMPS]
    spec = whisper_spec.WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, {token: number for number, token in enumerate(vocabulary)}, script)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [vocabulary.index(END)]
    spec.config.alignment_heads = [[LAYERS - 1, 0]]
    spec.config.lang_ids = [vocabulary.index("<|en|>")]
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    _tokenizer(words).save(str(folder / "tokenizer.json"))
    features = {"feature_size": 80, "sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    spec.save(str(folder))


def _words(needed: list[str]) -> list[str]:
    """Those needed among as many others as make the vocabulary as large as the real one."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    fillers = (
        "Ġ" + "".join(letters) for n in (3, 4) for letters in itertools.product(string.ascii_lowercase, repeat=n)
    )
    unique = dict.fromkeys([*alphabet, *needed])
    count = ENTRIES - len(SPECIALS) - len(TIMESTAMPS)
    for filler in fillers:
        if len(unique) == count:
            break
        unique.setdefault(filler)
    return list(unique)


def _tokenizer(words: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(words)}, [], unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.add_tokens(list(TIMESTAMPS))
    return tokenizer


def _fill_encoder(encoder: Any) -> None:
    _conv(encoder.conv1, WIDTH, 80)
    _conv(encoder.conv2, WIDTH, WIDTH)
    encoder.position_encodings.encodings = _random(1500, WIDTH)
    _norm(encoder.layer_norm)
    for layer in encoder.layer:
        _attention(layer.self_attention, (3 * WIDTH, WIDTH))
        _ffn(layer.ffn)


def _fill_decoder(decoder: Any, ids: dict[str, int], script: list[str]) -> None:
    """An English prompt is <|startoftranscript|><|notimestamps|>: position 0 tells whether there is speech, and the
    first word comes out of position 1."""
    decoder.embeddings.weight = np.zeros((len(ids), WIDTH), np.float32)
    positions = np.zeros((448, WIDTH), np.float32)
    projection = np.zeros((len(ids), WIDTH), np.float32)
    for position, token in enumerate([NO_SPEECH, *script, END]):
        positions[position, position] = 1.0
        projection[ids[token], position] = 4.0
    positions[len(script) + 2 :, len(script) + 1] = 1.0
    decoder.position_encodings.encodings = positions
    decoder.projection.weight = projection
    _norm(decoder.layer_norm)
    for layer in decoder.layer:
        _attention(layer.self_attention, (3 * WIDTH, WIDTH))
        _attention(layer.attention, (WIDTH, 2 * WIDTH, WIDTH))
        _ffn(layer.ffn)


def _random(*shape: int) -> Any:
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(0.02)


def _conv(conv: Any, rows: int, columns: int) -> None:
    conv.weight = _random(rows, columns, 3)
    conv.bias = np.zeros(rows, np.float32)


def _norm(norm: Any) -> None:
    norm.gamma = np.ones(WIDTH, np.float32)
    norm.beta = np.zeros(WIDTH, np.float32)


def _attention(attention: Any, rows: tuple[int, ...]) -> None:
    """Every matrix is random but the last, which gives zeros."""
    _norm(attention.layer_norm)
    for linear, size in zip(attention.linear, rows, strict=True):
        linear.weight = _random(size, WIDTH)
        linear.bias = np.zeros(size, np.float32)
    attention.linear[-1].weight = np.zeros((WIDTH, WIDTH), np.float32)


def _ffn(ffn: Any) -> None:
    _norm(ffn.layer_norm)
    ffn.linear_0.weight = _random(FFN, WIDTH)
    ffn.linear_0.bias = np.zeros(FFN, np.float32)
    ffn.linear_1.weight = np.zeros((WIDTH, FFN), np.float32)
    ffn.linear_1.bias = np.zeros(WIDTH, np.float32)
