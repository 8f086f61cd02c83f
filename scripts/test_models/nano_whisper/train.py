"""Training on one thread, from nothing (or from a checkpoint's weights) to a checkpoint."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from scripts.test_models.nano_whisper import voices
from scripts.test_models.nano_whisper.examples import Batch, Pool, batches
from scripts.test_models.nano_whisper.model import NanoWhisper
from scripts.test_models.nano_whisper.tokens import Tokens

SEED = 3
WARM_UP_STEPS = 60
PEAK_RATE = 1.5e-3
CTC_SHARE = 0.3
"""Weight of the connectionist temporal classification loss on the encoder, where a stage has it. It finds the alignment
sooner than attention alone (Kim, Hori and Watanabe 2017, "Joint CTC-attention based end-to-end speech recognition using
multi-task learning")."""
CHECKPOINT_EVERY_S = 90


@dataclass(frozen=True, slots=True)
class Stage:
    """``steps`` at a share of the peak rate that warms up and falls, on ``clips`` of which a share are random words."""

    steps: int
    clips: int
    random_words: float
    first_rate: float
    last_rate: float
    ctc_steps: int = 0
    invents_voices: bool = False


STAGES = (
    Stage(4800, 9000, 0.04, 1.0, 0.4, ctc_steps=1500),
    Stage(3500, 9000, 0.01, 0.5, 0.0, invents_voices=True),
    Stage(1800, 9000, 0.01, 0.35, 0.0, invents_voices=True),
)
"""The sentences, with a few random words which force the network to listen rather than guess; then in any voice."""


def train(checkpoint: Path, stages: Sequence[Stage] = STAGES) -> None:
    """Run ``stages`` from the weights in ``checkpoint``, where it exists."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    learner, invented = Learner(checkpoint), voices.invented()
    for number, stage in enumerate(stages, 1):
        pool = Pool(stage.clips, stage.random_words, SEED + number, invented if stage.invents_voices else ())
        print(f"stage {number}: {stage.clips} clips, {pool.seconds / 60:.0f} minutes of sound", flush=True)
        _run(stage, pool, learner, checkpoint)
        learner.save(checkpoint)


def _run(stage: Stage, pool: Pool, learner: "Learner", checkpoint: Path) -> None:
    rng = np.random.default_rng(SEED)
    began_s = saved_s = time.monotonic()
    for step, batch in enumerate(islice(batches(pool, rng), stage.steps)):
        now_s = time.monotonic()
        falling = stage.first_rate + (stage.last_rate - stage.first_rate) * step / stage.steps
        rate = min((step + 1) / WARM_UP_STEPS, falling)
        loss = learner.learn(batch, rng, rate, step < stage.ctc_steps)
        if step % 50 == 0:
            print(f"step {step}, {now_s - began_s:.0f} s, loss {loss:.3f}", flush=True)
        if now_s - saved_s > CHECKPOINT_EVERY_S:
            saved_s = now_s
            learner.save(checkpoint)


class Learner:
    """The network, its optimizer, and the running mean of the loss."""

    def __init__(self, checkpoint: Path) -> None:
        self._model = NanoWhisper(Tokens())
        self._optimizer = torch.optim.AdamW(self._model.parameters(), PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.01)
        self._mean: float | None = None
        if checkpoint.exists():
            state = torch.load(checkpoint)
            self._model.load_state_dict(state["model"])
            self._optimizer.load_state_dict(state["optimizer"])

    def learn(self, batch: Batch, rng: np.random.Generator, rate: float, ctc: bool) -> float:
        """One step at ``rate`` (0…1) of the peak rate. Returns the mean loss of about the last 50 steps."""
        for group in self._optimizer.param_groups:
            group["lr"] = PEAK_RATE * rate
        loss = self._model.loss(batch, rng, CTC_SHARE if ctc else 0.0)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        latest = loss.item()
        self._mean = latest if self._mean is None else 0.98 * self._mean + 0.02 * latest
        return self._mean

    def save(self, checkpoint: Path) -> None:
        """Replace ``checkpoint`` in one step, so that a reader never sees half of it."""
        state = {"model": self._model.state_dict(), "optimizer": self._optimizer.state_dict()}
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)
