"""Make tests/models/nano-llama/nano-llama.gguf from nothing: vocabulary, training, file.

Usage: python -m scripts.test_models.train_llama [--steps 5000] [--resume FOLDER] [--out FILE]
Needs the assistant with its llm extra, gguf, and torch (scripts/test_models/requirements.txt). Seeded; one thread.
The seed and the number of steps decide the result, up to the rounding of one processor or another.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
import torch
from torch.nn import functional

from scripts.test_models.nano_llama import gguf_file
from scripts.test_models.nano_llama.corpus import Segment, bare_call, conversation
from scripts.test_models.nano_llama.network import Llama, Shape
from scripts.test_models.nano_llama.vocabulary import learn_pieces, tokens

SEED = 1
PIECES = 1500
OUT = Path(__file__).parents[2] / "tests/models/nano-llama/nano-llama.gguf"
POOL = 256  # conversations that are sorted by length together
BATCH_TOKENS = 2048
MUON_RATE = 0.013
ADAM_RATE = 2e-3

Row = tuple[list[int], list[float]]
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Token numbers, the next ones, both int64, and how much each next one counts, float32: ``(batch, time)``."""


class Tokenizer:
    """llama.cpp's own, so that training sees what inference will."""

    def __init__(self, vocabulary: Path) -> None:
        self._llama = llama_cpp.Llama(str(vocabulary), vocab_only=True, verbose=False)
        self.numbers = lru_cache(maxsize=50_000)(self._numbers)

    def _numbers(self, text: str) -> list[int]:
        return list(self._llama.tokenize(text.encode(), add_bos=False, special=True))


def batches(tokenizer: Tokenizer, rng: random.Random, steps: int, context: int) -> Iterator[Batch]:
    """Batches of conversations of about the same length; short ones alone at first, which teach the answers soonest.

    The very first are bare calls of tools: among more words the network does not find out which one is the argument.
    """
    done = 0
    while done < steps:
        longest = 1 if done < 0.15 * steps else 3 if done < 0.3 * steps else 8
        begins = done < 0.03 * steps
        talks = (bare_call(rng) if begins else conversation(rng, rng.randint(1, longest)) for _ in range(POOL))
        pool = [_row(tokenizer, talk, context) for talk in talks]
        pool.sort(key=lambda row: len(row[0]))
        cut = list(_cut(pool))
        rng.shuffle(cut)
        yield from (_batch(rows) for rows in cut)
        done += len(cut)


def _row(tokenizer: Tokenizer, segments: list[Segment], context: int) -> Row:
    numbers: list[int] = []
    weights: list[float] = []
    for segment in segments:
        part = tokenizer.numbers(segment.text) if segment.text else []
        numbers += part
        weights += [segment.weight] * len(part)
    return numbers[: context + 1], weights[: context + 1]


def _cut(pool: list[Row]) -> Iterator[list[Row]]:
    """Rows in order, as many at once as BATCH_TOKENS allows when all are as long as the last."""
    rows: list[Row] = []
    for row in pool:
        if rows and (len(rows) + 1) * len(row[0]) > BATCH_TOKENS:
            yield rows
            rows = []
        rows.append(row)
    yield rows


def _batch(rows: list[Row]) -> Batch:
    length = len(rows[-1][0]) - 1
    inputs, targets = torch.zeros(2, len(rows), length, dtype=torch.long)
    weights = torch.zeros(len(rows), length)
    for row, (numbers, weighed) in enumerate(rows):
        inputs[row, : len(numbers) - 1] = torch.tensor(numbers[:-1])
        targets[row, : len(numbers) - 1] = torch.tensor(numbers[1:])
        weights[row, : len(numbers) - 1] = torch.tensor(weighed[1:])
    return inputs, targets, weights


def optimizers(model: Llama) -> list[tuple[torch.optim.Optimizer, float]]:
    """Muon (Jordan, 2024) for the matrices, AdamW for embedding and norms; each with its highest learning rate."""
    matrices = [weight for weight in model.blk.parameters() if weight.ndim == 2]
    others = [weight for weight in model.parameters() if all(weight is not matrix for matrix in matrices)]
    return [
        (torch.optim.Muon(matrices, weight_decay=0.01), MUON_RATE),
        (torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.0), ADAM_RATE),
    ]


def train(model: Llama, tokenizer: Tokenizer, steps: int, minutes: float, save_to: Path) -> None:
    chosen = optimizers(model)
    started_s = time.monotonic()
    losses: list[float] = []
    seen = 0
    data = batches(tokenizer, random.Random(SEED), steps, model.shape.context)
    for step, (inputs, targets, weights) in enumerate(islice(data, steps), start=1):
        done = max(step / steps, (time.monotonic() - started_s) / (60 * minutes))
        if done > 1:
            break
        scale = min(1.0, step / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * max(0.0, 2 * done - 1))))
        wanted = weights > 0
        each = functional.cross_entropy(model(inputs, wanted), targets[wanted], reduction="none")
        loss = (each * weights[wanted]).sum() / weights.sum()
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, rate in chosen:
            optimizer.param_groups[0]["lr"] = rate * scale
            optimizer.step()
        losses.append(loss.item())
        seen += inputs.numel()
        if step % 50 == 0:
            mean = sum(losses[-50:]) / 50
            print(f"step {step}: loss {mean:.4f}, {seen} tokens, {time.monotonic() - started_s:.0f} s", flush=True)
            torch.save(model.state_dict(), save_to)


def new_pieces() -> list[str]:
    rng = random.Random(SEED)
    return learn_pieces([segment.text for _ in range(3000) for segment in conversation(rng, 4)], PIECES)


def pieces_of(vocabulary: Path) -> list[str]:
    field = gguf.GGUFReader(vocabulary).fields["tokenizer.ggml.tokens"]
    return [bytes(field.parts[i]).decode() for i in field.data][len(tokens([])[0]) :]


def exported(model: Llama) -> dict[str, np.ndarray]:
    """The weights under llama.cpp's names, which are this network's own."""
    return {name: weight.detach().numpy() for name, weight in model.named_parameters()}


def disagreement(model: Llama, path: Path, tokenizer: Tokenizer) -> float:
    """Largest difference between this network's logits and llama.cpp's on a conversation."""
    text = "".join(segment.text for segment in conversation(random.Random(SEED), 3))
    numbers = tokenizer.numbers(text)
    llama = llama_cpp.Llama(str(path), n_ctx=1024, n_batch=1024, logits_all=True, verbose=False)
    llama.eval(numbers)
    with torch.no_grad():
        own = model(torch.tensor([numbers]))[0].numpy()
    return float(np.abs(own - np.asarray(llama.scores[: len(numbers)])).max())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--resume", type=Path, help="scratch folder of an earlier run to go on from")
    options.add_argument("--minutes", type=float, default=120.0, help="end by then, however few the steps")
    options.add_argument("--steps", type=int, default=5000)
    options.add_argument("--scratch", type=Path, default=Path("build/nano-llama"))
    chosen = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    chosen.scratch.mkdir(parents=True, exist_ok=True)

    pieces = new_pieces() if chosen.resume is None else pieces_of(chosen.resume / "vocabulary.gguf")
    shape = Shape(vocabulary=len(tokens(pieces)[0]))
    plain = gguf.GGMLQuantizationType.F32
    gguf_file.write(chosen.scratch / "vocabulary.gguf", pieces, shape, {}, plain)
    tokenizer = Tokenizer(chosen.scratch / "vocabulary.gguf")

    model = Llama(shape)
    if chosen.resume is not None:
        model.load_state_dict(torch.load(chosen.resume / "weights.pt"))
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {shape}", flush=True)
    gguf_file.write(chosen.scratch / "untrained.gguf", pieces, shape, exported(model), plain)
    print(f"untrained: logits differ by {disagreement(model, chosen.scratch / 'untrained.gguf', tokenizer):.5f}")
    train(model, tokenizer, chosen.steps, chosen.minutes, chosen.scratch / "weights.pt")
    gguf_file.write(chosen.scratch / "trained.gguf", pieces, shape, exported(model), plain)
    print(f"trained: logits differ by {disagreement(model, chosen.scratch / 'trained.gguf', tokenizer):.5f}")
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    gguf_file.write(chosen.out, pieces, shape, exported(model), gguf.GGMLQuantizationType.Q8_0)
    print(f"{chosen.out}: {chosen.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
