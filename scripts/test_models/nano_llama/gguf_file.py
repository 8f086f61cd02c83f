"""Writing the model as GGUF."""

from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from scripts.test_models.nano_llama.network import Shape
from scripts.test_models.nano_llama.template import CHAT_TEMPLATE
from scripts.test_models.nano_llama.vocabulary import END, tokens

Weights = Mapping[str, npt.NDArray[np.float32]]


def write(path: Path, pieces: list[str], shape: Shape, weights: Weights, kind: gguf.GGMLQuantizationType) -> None:
    """The vocabulary and, unless ``weights`` is empty, the network: matrices as ``kind``, norms as float32."""
    file = gguf.GGUFWriter(path, "llama")
    file.add_name("nano-llama")
    file.add_license("GPL-3.0-or-later")
    file.add_vocab_size(shape.vocabulary)
    file.add_context_length(shape.context)
    file.add_embedding_length(shape.width)
    file.add_block_count(shape.layers)
    file.add_feed_forward_length(shape.hidden)
    file.add_head_count(shape.heads)
    file.add_head_count_kv(shape.heads)
    file.add_rope_dimension_count(shape.width // shape.heads)
    file.add_rope_freq_base(shape.rope_base)
    file.add_layer_norm_rms_eps(shape.epsilon)
    is_q8 = kind == gguf.GGMLQuantizationType.Q8_0
    file.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if is_q8 else gguf.LlamaFileType.ALL_F32)
    _add_vocabulary(file, pieces)
    for name, weight in weights.items():
        stored = kind if weight.ndim == 2 else gguf.GGMLQuantizationType.F32
        file.add_tensor(name, gguf.quants.quantize(weight, stored), raw_dtype=stored)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def _add_vocabulary(file: gguf.GGUFWriter, pieces: list[str]) -> None:
    texts, scores, kinds = tokens(pieces)
    file.add_tokenizer_model("llama")
    file.add_token_list(texts)
    file.add_token_scores(scores)
    file.add_token_types(kinds)
    file.add_bos_token_id(1)
    file.add_eos_token_id(END)
    file.add_unk_token_id(0)
    file.add_add_bos_token(False)
    file.add_add_space_prefix(False)
    file.add_chat_template(CHAT_TEMPLATE)
