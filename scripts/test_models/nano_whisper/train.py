"""Training on one thread, from nothing (or from a checkpoint's weights) to a checkpoint."""

import time
from pathlib import Path

import numpy as np
import torch

from scripts.test_models.nano_whisper.examples import Batch, Pool, batches
from scripts.test_models.nano_whisper.model import NanoWhisper
from scripts.test_models.nano_whisper.tokens import Tokens

SEED = 3
CLIPS = 9000
STEPS = 5500
WARM_UP_STEPS = 60
PEAK_RATE = 1.5e-3
CTC_SHARE, CTC_UNTIL = 0.3, 0.4
"""Weight of the connectionist temporal classification loss on the encoder, and the part of the training that has it.
It finds the alignment sooner than attention alone (Kim, Hori and Watanabe 2017, "Joint CTC-attention based
end-to-end speech recognition using multi-task learning")."""
CHECKPOINT_EVERY_S = 90


def train(checkpoint: Path, limit_s: float) -> None:
    """Linear decay to zero after STEPS, or sooner so as to end within ``limit_s``; goes on from ``checkpoint``."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    learner = Learner(checkpoint)
    pool = Pool(CLIPS, SEED)
    print(f"{CLIPS} clips, {pool.seconds / 60:.0f} minutes of sound", flush=True)
    rng = np.random.default_rng(SEED)
    began_s = saved_s = time.monotonic()
    for step, batch in enumerate(batches(pool, rng)):
        now_s = time.monotonic()
        progress = max(step / STEPS, (now_s - began_s) / limit_s)
        if progress >= 1:
            break
        loss = learner.learn(batch, rng, min((step + 1) / WARM_UP_STEPS, 1 - progress), progress < CTC_UNTIL)
        if step % 50 == 0:
            print(f"step {step}, {now_s - began_s:.0f} s, loss {loss:.3f}", flush=True)
        if now_s - saved_s > CHECKPOINT_EVERY_S:
            saved_s = now_s
            learner.save(checkpoint)
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
