"""A llama of 360 million parameters, as a quantized GGUF, that always gives one answer."""

import itertools
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, KV_HEADS, FFN, ENTRIES = 960, 32, 15, 5, 2560, 49_152
HEAD = WIDTH // HEADS
CONTEXT_TOKENS = 8192
CHATML = (
    "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIALS = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
NEWLINE, END = "<0x0A>", "<|im_end|>"
"""The last token of a prompt, and that of an answer."""
KINDS = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 4, *[gguf.TokenType.BYTE] * 256]

rng = np.random.default_rng(0)


def write(path: Path, answer: str, known: str, quantization: str) -> None:
    """Write the file. ``quantization`` is Q4_0 or Q8_0; every word of ``answer`` may occur once.

    Each word of ``answer`` and ``known`` is one token, as common words are to real models.
    """
    first, *rest = answer.split()
    script = [first, *(f"\u2581{word}" for word in rest)]
    assert len(set(script)) == len(script), "a token can lead to one other only"
    kind = gguf.GGMLQuantizationType[quantization]
    writer = gguf.GGUFWriter(path, "llama")
    tokens = _tokens([*script, *(start + word for word in known.split() for start in ("\u2581", ""))])
    _header(writer, tokens, gguf.LlamaFileType[f"MOSTLY_{quantization}"])
    _ends(writer, tokens, [NEWLINE, *script, END], kind)
    _layers(writer, kind)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tokens(words: Sequence[str]) -> list[str]:
    """The words, and short strings of letters, with and without a space before, up to the real number.

    Text becomes tokens by joining neighbours, those first that come first here: with all the beginnings of the words
    at the front, every word grows from its first letter to a whole.
    """
    letters = (
        start + "".join(some)
        for count in (1, 2, 3, 4)
        for some in itertools.product(string.ascii_lowercase, repeat=count)
        for start in ("", "\u2581")
    )
    signs = sorted({sign for word in words for sign in word})
    beginnings = [word[:end] for word in words for end in range(2, len(word) + 1)]
    unique = dict.fromkeys([*SPECIALS, *BYTES, *beginnings, *signs])
    for some in letters:
        if len(unique) == ENTRIES:
            break
        unique.setdefault(some)
    return list(unique)


def _header(writer: gguf.GGUFWriter, tokens: Sequence[str], file_type: gguf.LlamaFileType) -> None:
    writer.add_name("360m-size")
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_vocab_size(ENTRIES)
    writer.add_file_type(file_type)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token.encode() for token in tokens])
    writer.add_token_scores([0.0] * len(KINDS) + [-float(number) for number in range(ENTRIES - len(KINDS))])
    writer.add_token_types([*KINDS, *[gguf.TokenType.NORMAL] * (ENTRIES - len(KINDS))])
    writer.add_bos_token_id(SPECIALS.index("<s>"))
    writer.add_eos_token_id(SPECIALS.index(END))
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHATML)


def _ends(writer: gguf.GGUFWriter, tokens: Sequence[str], chain: Sequence[str], kind: Any) -> None:
    """The embeddings, in which each token of the chain has a dimension of its own, and the output, which makes the next
    one of it."""
    ids = {token: number for number, token in enumerate(tokens)}
    embeddings = rng.standard_normal((ENTRIES, WIDTH), dtype=np.float32) * np.float32(0.02)
    output = np.zeros((ENTRIES, WIDTH), np.float32)
    for place, (token, following) in enumerate(itertools.pairwise(chain)):
        embeddings[ids[token]] = 0.0
        embeddings[ids[token], place] = 1.0
        output[ids[following], place] = 4.0
    for name, values in (("token_embd", embeddings), ("output", output)):
        writer.add_tensor(f"{name}.weight", gguf.quants.quantize(values, kind), raw_dtype=kind)


def _layers(writer: gguf.GGUFWriter, kind: Any) -> None:
    """Every layer has the same weights, which are quantized once; its two ways out give zeros."""
    shapes = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (KV_HEADS * HEAD, WIDTH),
        "attn_v": (KV_HEADS * HEAD, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (FFN, WIDTH),
        "ffn_up": (FFN, WIDTH),
        "ffn_down": (WIDTH, FFN),
    }
    weights = {}
    for name, shape in shapes.items():
        silent = name in ("attn_output", "ffn_down")
        values = np.zeros(shape, np.float32) if silent else rng.standard_normal(shape, dtype=np.float32) * 0.02
        weights[name] = gguf.quants.quantize(values.astype(np.float32), kind)
    for block in range(LAYERS):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{block}.{name}.weight", np.ones(WIDTH, np.float32))
        for name, values in weights.items():
            writer.add_tensor(f"blk.{block}.{name}.weight", values, raw_dtype=kind)
