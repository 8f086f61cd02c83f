"""The network: Hugging Face's Whisper, small, with an encoder that takes any window and a second loss to learn by."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import WhisperConfig, WhisperForConditionalGeneration

from assistant.models.protocols import SAMPLE_RATE_HZ
from scripts.test_models.nano_whisper.examples import Batch
from scripts.test_models.nano_whisper.tokens import Tokens

WIDTH, LAYERS, HEADS, FEED_FORWARD = 96, 2, 4, 384
IGNORED = -100


class LogMel(torch.nn.Module):
    """What faster-whisper's FeatureExtractor computes, for a batch: ``(batch, samples)`` → ``(batch, 80, frames)``."""

    def __init__(self) -> None:
        super().__init__()
        from faster_whisper.feature_extractor import FeatureExtractor

        extractor = FeatureExtractor()
        self.register_buffer("filters", torch.from_numpy(extractor.mel_filters))
        self.register_buffer("window", torch.hann_window(extractor.n_fft))
        sound = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)
        mine = self(torch.from_numpy(sound)[None], 4)[0].numpy()
        np.testing.assert_allclose(mine, extractor(np.pad(sound, (0, 3 * sound.size)), padding=0), atol=1e-3)

    def forward(self, sound: torch.Tensor, window_s: int) -> torch.Tensor:
        """Frames of ``window_s``; what ``sound`` lacks is silence, which costs no transform."""
        padded = functional.pad(sound, (0, 800))
        spectrum = torch.stft(padded, 400, 160, window=self.window, return_complex=True)
        frames = min(spectrum.shape[-1] - 2, window_s * 100)
        power = torch.view_as_real(spectrum[..., :frames]).square().sum(-1)
        mel = functional.pad((self.filters @ power).clamp(min=1e-10).log10(), (0, window_s * 100 - frames), value=-10.0)
        loudest = mel.amax((1, 2), keepdim=True)
        return (torch.maximum(mel, loudest - 8.0) + 4.0) / 4.0


class NanoWhisper(torch.nn.Module):
    """``whisper`` is what is kept; ``ctc`` serves training only."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self.log_mel = LogMel()
        self.whisper = WhisperForConditionalGeneration(
            WhisperConfig(
                vocab_size=len(tokens.listed),
                d_model=WIDTH,
                encoder_layers=LAYERS,
                decoder_layers=LAYERS,
                encoder_attention_heads=HEADS,
                decoder_attention_heads=HEADS,
                encoder_ffn_dim=FEED_FORWARD,
                decoder_ffn_dim=FEED_FORWARD,
                dropout=0.0,
                bos_token_id=tokens.end,
                eos_token_id=tokens.end,
                pad_token_id=tokens.end,
                decoder_start_token_id=tokens.start,
            )
        )
        self.ctc = torch.nn.Linear(WIDTH, tokens.end + 1)  # the last one is CTC's blank

    def encode(self, sound: torch.Tensor, window_s: int) -> torch.Tensor:
        """Hugging Face's encoder refuses windows under 30 s, so its parts are called here one by one."""
        encoder: Any = self.whisper.model.encoder
        hidden = functional.gelu(encoder.conv1(self.log_mel(sound, window_s)))
        hidden = functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
        hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
        for layer in encoder.layers:
            out = layer(hidden, None)
            hidden = out[0] if isinstance(out, tuple) else out
        normed: torch.Tensor = encoder.layer_norm(hidden)
        return normed

    def loss(self, batch: Batch, rng: np.random.Generator, ctc_share: float) -> torch.Tensor:
        """Cross-entropy a token, and a share of the CTC loss a token."""
        hidden = self.encode(torch.from_numpy(batch.sound), batch.window_s)
        inputs, targets = self._teacher(batch.texts, rng)
        states = self.whisper.model.decoder(input_ids=inputs, encoder_hidden_states=hidden).last_hidden_state
        logits = self.whisper.proj_out(states)
        attention = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
        return attention + ctc_share * self._ctc_loss(hidden, batch.texts) if ctc_share else attention

    def _teacher(self, texts: list[str], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [self._silent(rng) if not text else self._spoken(text) for text in texts]
        length = max(len(inputs) for inputs, _ in rows)
        inputs = [row + [self._tokens.end] * (length - len(row)) for row, _ in rows]
        targets = [row + [IGNORED] * (length - len(row)) for _, row in rows]
        return torch.tensor(inputs), torch.tensor(targets)

    def _spoken(self, text: str) -> tuple[list[int], list[int]]:
        ids = self._tokens.encode(text)
        line = [self._tokens.start, self._tokens.no_timestamps, *ids, self._tokens.end]
        return line[:-1], line[1:]

    def _silent(self, rng: np.random.Generator) -> tuple[list[int], list[int]]:
        """No speech, then the end; or any first word, evenly unsure, since Whisper's callers forbid an end at once."""
        first = int(rng.choice(self._tokens.first_pieces))
        inputs = [self._tokens.start, self._tokens.no_timestamps, first]
        return inputs, [self._tokens.no_speech, first if rng.random() < 0.5 else self._tokens.end, self._tokens.end]

    def _ctc_loss(self, hidden: torch.Tensor, texts: list[str]) -> torch.Tensor:
        scores = self.ctc(hidden).log_softmax(-1).transpose(0, 1)
        encoded = [self._tokens.encode(text) if text else [] for text in texts]
        lengths = torch.tensor([len(ids) for ids in encoded])
        targets = torch.tensor([number for ids in encoded for number in ids])
        frames = torch.full_like(lengths, scores.shape[0])
        losses = functional.ctc_loss(
            scores, targets, frames, lengths, blank=self._tokens.end, reduction="none", zero_infinity=True
        )
        return losses.sum() / max(1, int(lengths.sum()))
