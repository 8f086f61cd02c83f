"""Tiny models in the real formats, built in moments without torch, that say exactly what a test wants them to say.

The weights are chosen, not trained: every layer computes but adds nothing to the residual stream, and the output
projection maps each position (Whisper) or each token (llama) to the next word of a script.
"""

import atexit
import itertools
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from scripts.test_models.nano_whisper.tokens import SPECIALS, TIMESTAMPS

Array = np.ndarray

WHISPER_WIDTH = 64
WHISPER_WORDS = ["Ġhello", "Ġthere", "Ġfriend", "Ġno"]
CHATML = (
    "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Models:
    """One model of each kind, and a llama of random weights whose attention is at work."""

    whisper: Path
    gguf: Path
    random_gguf: Path
    piper: Path
    embedder: Path


@cache
def models() -> Models:
    """Built once for all tests of a run."""
    folder = Path(tempfile.mkdtemp(prefix="tiny-models-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Models(
        whisper(folder / "faster-whisper-tiny"),
        gguf(folder / "tiny.gguf", chain("\u2581Hello", "\u2581there", ".")),
        gguf(folder / "random.gguf"),
        piper(folder / "tiny.onnx"),
        embedder(folder / "tiny-embedder.gguf"),
    )


def whisper(
    folder: Path,
    script: Sequence[str] = ("Ġhello", "Ġthere"),
    *,
    hears_nothing: bool = False,
    doubt: float = 0.0,
) -> Path:
    """A CTranslate2 Whisper, English only, that hears ``script`` in any sound. Returns ``folder``.

    ``hears_nothing`` gives the no-speech token all the probability; ``doubt`` (0…1) flattens the choice of every word.
    """
    from ctranslate2.specs import whisper_spec
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    words = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *WHISPER_WORDS]
    vocabulary = [*words, *SPECIALS, *TIMESTAMPS]
    ids = {token: number for number, token in enumerate(vocabulary)}
    spec = whisper_spec.WhisperSpec(1, 2, 1, 2)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, ids, script, hears_nothing, 1.0 - doubt)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [ids["<|endoftext|>"]]
    spec.config.alignment_heads = [[0, 0]]
    spec.config.lang_ids = [ids["<|en|>"]]
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer = Tokenizer(models.BPE({token: ids[token] for token in words}, [], unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.add_tokens(list(TIMESTAMPS))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _fill_encoder(encoder: object) -> None:
    d = WHISPER_WIDTH
    _conv(encoder.conv1, d, 80)
    _conv(encoder.conv2, d, d)
    encoder.position_encodings.encodings = np.zeros((1500, d), np.float32)
    _norm(encoder.layer_norm)
    for layer in encoder.layer:
        _attention(layer.self_attention, (3 * d, d))
        _ffn(layer.ffn)


def _fill_decoder(decoder: object, ids: Mapping[str, int], script: Sequence[str], nothing: bool, scale: float) -> None:
    d = WHISPER_WIDTH
    decoder.embeddings.weight = np.zeros((len(ids), d), np.float32)
    positions = np.zeros((448, d), np.float32)
    projection = np.zeros((len(ids), d), np.float32)
    # English prompts are <|startoftranscript|><|notimestamps|>: position 0 tells whether there is speech, and the
    # first word comes out of position 1.
    for position, token in enumerate(["<|nospeech|>" if nothing else "Ġno", *script, "<|endoftext|>"]):
        positions[position, position] = 1.0
        projection[ids[token], position] = 4.0 * (scale if position else 1.0)
    positions[len(script) + 2 :, len(script) + 1] = 1.0
    decoder.position_encodings.encodings = positions
    decoder.projection.weight = projection
    _norm(decoder.layer_norm)
    for layer in decoder.layer:
        _attention(layer.self_attention, (3 * d, d))
        _attention(layer.attention, (d, 2 * d, d))
        _ffn(layer.ffn)


def _conv(conv: object, rows: int, columns: int) -> None:
    conv.weight = np.full((rows, columns, 3), 0.01, np.float32)
    conv.bias = np.zeros(rows, np.float32)


def _norm(norm: object) -> None:
    norm.gamma = np.ones(WHISPER_WIDTH, np.float32)
    norm.beta = np.zeros(WHISPER_WIDTH, np.float32)


def _attention(attention: object, rows: Sequence[int]) -> None:
    d = WHISPER_WIDTH
    _norm(attention.layer_norm)
    sizes = [*rows[:-1], d] if len(rows) > 1 else [rows[0], d]
    for linear, size in zip(attention.linear, sizes, strict=True):
        linear.weight = np.full((size, d), 0.01, np.float32)
        linear.bias = np.zeros(size, np.float32)
    attention.linear[-1].weight = np.zeros((d, d), np.float32)


def _ffn(ffn: object) -> None:
    d = WHISPER_WIDTH
    _norm(ffn.layer_norm)
    ffn.linear_0.weight = np.full((d, d), 0.01, np.float32)
    ffn.linear_0.bias = np.zeros(d, np.float32)
    ffn.linear_1.weight = np.zeros((d, d), np.float32)
    ffn.linear_1.bias = np.zeros(d, np.float32)


GGUF_TOKENS = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "[TOOL_CALLS]", "[ARGS]"]
GGUF_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
GGUF_WORDS = ["\u2581Hello", "\u2581there", "\u2581again", ".", *"abcdefghijklmnopqrstuvwxyz", "\u2581", '{"']
GGUF_VOCABULARY = [*GGUF_TOKENS, *GGUF_BYTES, *GGUF_WORDS]
NEWLINE, END = "<0x0A>", "<|im_end|>"


def chain(*tokens: str) -> dict[str, str]:
    """Each token leads to the next: after the prompt's last newline, these, then the end."""
    return dict(itertools.pairwise([NEWLINE, *tokens, END]))


def gguf(
    path: Path,
    script: Mapping[str, str] | None = None,
    *,
    template: str | None = CHATML,
    context: int = 2048,
    add_bos: bool = False,
) -> Path:
    """A llama GGUF that follows ``script`` from token to token; random weights, attention at work, without one."""
    import gguf as library

    width, vocab = (320, len(GGUF_VOCABULARY)) if script is not None else (64, len(GGUF_VOCABULARY))
    assert script is None or vocab <= width
    writer = library.GGUFWriter(path, "llama")
    _gguf_header(writer, library, width, vocab, template, context)
    writer.add_add_bos_token(add_bos)
    rng = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> Array:
        return rng.standard_normal((rows, columns), dtype=np.float32) * 0.2

    silent = np.zeros((width, width), np.float32) if script is not None else None
    embeddings, output = matrix(vocab, width), matrix(vocab, width)
    if script is not None:
        ids = {token: number for number, token in enumerate(GGUF_VOCABULARY)}
        embeddings, output = np.eye(vocab, width, dtype=np.float32), np.zeros((vocab, width), np.float32)
        for token, following in script.items():
            output[ids[following], ids[token]] = 4.0
    ones = np.ones(width, np.float32)
    tensors = {"token_embd.weight": embeddings, "output.weight": output, "output_norm.weight": ones}
    for block in ("blk.0.", "blk.1."):
        tensors |= {block + f"attn_{name}.weight": matrix(width, width) for name in "qkv"}
        tensors[block + "attn_output.weight"] = matrix(width, width) if silent is None else silent
        tensors |= {block + f"ffn_{name}.weight": matrix(width, width) for name in ("gate", "up")}
        tensors[block + "ffn_down.weight"] = matrix(width, width) if silent is None else silent
        tensors |= {block + "attn_norm.weight": ones, block + "ffn_norm.weight": ones}
    _write(writer, tensors)
    return path


def _write(writer: Any, tensors: Mapping[str, Array]) -> None:
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def with_template(source: Path, path: Path, template: str) -> Path:
    """A copy of a llama GGUF with another chat template."""
    import gguf as library
    from gguf.scripts.gguf_new_metadata import MetadataDetails, copy_with_new_metadata

    new = {library.Keys.Tokenizer.CHAT_TEMPLATE: MetadataDetails(library.GGUFValueType.STRING, template)}
    copy_with_new_metadata(library.GGUFReader(source), library.GGUFWriter(path, "llama"), new, [])
    return path


def _gguf_header(writer: object, library: object, width: int, vocab: int, template: str | None, context: int) -> None:
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(2)
    writer.add_feed_forward_length(width)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // 2)
    writer.add_vocab_size(vocab)
    writer.add_file_type(library.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token.encode() for token in GGUF_VOCABULARY])
    writer.add_token_scores([0.0] * (len(GGUF_TOKENS) + 256) + [-float(number) for number in range(len(GGUF_WORDS))])
    writer.add_token_types([2] + [3] * (len(GGUF_TOKENS) - 1) + [6] * 256 + [1] * len(GGUF_WORDS))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(4)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    if template is not None:
        writer.add_chat_template(template)


EMBEDDER_WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *(f"\u2581{c}" for c in ascii_lowercase),
    *ascii_lowercase,
]


def embedder(path: Path, *, pooling: bool = True) -> Path:
    """A BERT of one layer with random weights that knows letters, as a GGUF of 110 kB; without ``pooling``, no
    embedding model."""
    import gguf as library

    width, feed_forward, context = 32, 64, 512
    writer = library.GGUFWriter(path, "bert")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    if pooling:
        writer.add_pooling_type(library.PoolingType.MEAN)
    writer.add_file_type(library.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("bert")
    writer.add_token_list([word.encode() for word in EMBEDDER_WORDS])
    writer.add_token_types([3] * 5 + [1] * (len(EMBEDDER_WORDS) - 5))
    writer.add_token_type_count(2)
    writer.add_pad_token_id(0)
    writer.add_unk_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_sep_token_id(3)
    writer.add_eos_token_id(3)
    writer.add_mask_token_id(4)
    rng = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> Array:
        return rng.standard_normal((rows, columns), dtype=np.float32) * 0.5

    tensors = {
        "token_embd.weight": matrix(len(EMBEDDER_WORDS), width),
        "token_types.weight": matrix(2, width),
        "position_embd.weight": matrix(context, width) * np.float32(0.1),
        "blk.0.ffn_up.weight": matrix(feed_forward, width),
        "blk.0.ffn_up.bias": np.zeros(feed_forward, np.float32),
        "blk.0.ffn_down.weight": matrix(width, feed_forward),
    }
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        tensors[f"blk.0.{name}.weight"] = matrix(width, width)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_down"):
        tensors[f"blk.0.{name}.bias"] = np.zeros(width, np.float32)
    for name in ("token_embd_norm", "blk.0.attn_output_norm", "blk.0.layer_output_norm"):
        tensors |= {f"{name}.weight": np.ones(width, np.float32), f"{name}.bias": np.zeros(width, np.float32)}
    _write(writer, tensors)
    return path


PIPER_RATE_HZ = 16_000
PIPER_SAMPLES_PER_ID = 256


def piper(path: Path) -> Path:
    """A Piper voice that hums: each phoneme id sounds for 256 samples times the length scale, at its own pitch."""
    import onnx
    from onnx import TensorProto, helper
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    def constant(name: str, values: Array) -> object:
        return helper.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(values))

    nodes = [
        constant("one", np.array(1, np.int64)),
        constant("zero", np.array(0.0, np.float32)),
        constant("step", np.array(1.0, np.float32)),
        constant("hop", np.array(PIPER_SAMPLES_PER_ID, np.float32)),
        constant("pitch", np.array(0.005, np.float32)),
        constant("loudness", np.array(0.5, np.float32)),
        constant("batch", np.array([1, 1, 1, -1], np.int64)),
        helper.make_node("Gather", ["scales", "one"], ["length_scale"]),
        helper.make_node("Mul", ["hop", "length_scale"], ["id_samples"]),
        helper.make_node("Cast", ["input_lengths"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Squeeze", ["ids"], ["id_count"]),
        helper.make_node("Mul", ["id_count", "id_samples"], ["total"]),
        helper.make_node("Range", ["zero", "total", "step"], ["time"]),
        helper.make_node("Div", ["time", "id_samples"], ["which"]),
        helper.make_node("Cast", ["which"], ["index"], to=TensorProto.INT64),
        helper.make_node("Squeeze", ["input"], ["row"]),
        helper.make_node("Gather", ["row", "index"], ["id"]),
        helper.make_node("Cast", ["id"], ["tone"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["tone", "pitch"], ["speed"]),
        helper.make_node("Mul", ["time", "speed"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        helper.make_node("Mul", ["wave", "loudness"], ["soft"]),
        helper.make_node("Reshape", ["soft", "batch"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch_size"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "time"])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    config = {
        "audio": {"sample_rate": PIPER_RATE_HZ, "quality": "tiny"},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": 256,
        "num_speakers": 1,
    }
    path.with_name(path.name + ".json").write_text(json.dumps(config), encoding="utf-8")
    return path
