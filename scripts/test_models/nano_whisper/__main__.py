"""Make nano-whisper: synthesise, train, convert. About half an hour on one processor core.

In an environment of its own (torch is no dependency of the assistant), from the root of the project:

    python -m venv build/torch && build/torch/bin/pip install -r scripts/test_models/requirements.txt
    build/torch/bin/python -m scripts.test_models.nano_whisper tests/models/nano-whisper

``--convert-only`` writes the folder from the checkpoint as it is, even while another process still trains.
"""

import argparse
from pathlib import Path

import torch

from scripts.test_models.nano_whisper.convert import convert
from scripts.test_models.nano_whisper.model import NanoWhisper
from scripts.test_models.nano_whisper.tokens import Tokens
from scripts.test_models.nano_whisper.train import train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=Path("build/nano-whisper.pt"))
    parser.add_argument("--convert-only", action="store_true")
    options = parser.parse_args()
    options.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    if not options.convert_only:
        train(options.checkpoint)
    tokens = Tokens()
    model = NanoWhisper(tokens)
    model.load_state_dict(torch.load(options.checkpoint)["model"])
    convert(model, tokens, options.folder)


if __name__ == "__main__":
    main()
