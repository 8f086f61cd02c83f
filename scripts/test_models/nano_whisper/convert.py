"""A trained network as the folder that faster-whisper loads."""

import json
from pathlib import Path

from ctranslate2.converters import transformers as converters
from ctranslate2.specs import whisper_spec

from scripts.test_models.nano_whisper.model import HEADS, LAYERS, NanoWhisper
from scripts.test_models.nano_whisper.tokens import Tokens

PREPROCESSOR = {
    "feature_extractor_type": "WhisperFeatureExtractor",
    "feature_size": 80,
    "sampling_rate": 16000,
    "hop_length": 160,
    "chunk_length": 30,
    "n_fft": 400,
    "nb_max_frames": 3000,
    "n_samples": 480000,
}


def convert(model: NanoWhisper, tokens: Tokens, folder: Path) -> None:
    """Write ``folder`` as CTranslate2 int8, with its tokenizer beside it."""
    loader = converters.WhisperLoader()
    spec = whisper_spec.WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    loader.set_encoder(spec.encoder, model.whisper.model.encoder)
    loader.set_decoder(spec.decoder, model.whisper.model.decoder)
    loader.set_linear(spec.decoder.projection, model.whisper.proj_out)
    spec.register_vocabulary(tokens.listed)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokens.space]  # unlike OpenAI's, this one may end at once where nobody speaks
    spec.config.alignment_heads = [[LAYERS - 1, 0]]
    spec.config.lang_ids = [tokens.tokenizer.token_to_id("<|en|>")]
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokens.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n", encoding="utf-8")
