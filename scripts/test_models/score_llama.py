"""Print how much of its exam nano-llama answers word for word, through the assistant's own adapter.

Usage: python -m scripts.test_models.score_llama [MODEL.gguf] [--wrong]
"""

import argparse
import time
from pathlib import Path

from assistant.models.llama_cpp import LlamaLlm
from scripts.test_models.nano_llama.exam import EXAM, asked

MODEL = Path(__file__).parents[2] / "tests/models/nano-llama/nano-llama.gguf"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", type=Path, nargs="?", default=MODEL)
    options.add_argument("--wrong", action="store_true", help="show what was answered wrongly")
    chosen = options.parse_args()
    report(chosen.model, chosen.wrong)


def report(model: Path, show_wrong: bool = False) -> None:
    llm = LlamaLlm(model, temperature=0.0)
    print(f"{model.name}: {model.stat().st_size} bytes")
    for kind, cases in EXAM.items():
        started_s, right, total = time.perf_counter(), 0, 0
        for case in cases():
            answer = asked(llm, case)
            right, total = right + (answer == case.expected), total + 1
            if show_wrong and answer != case.expected:
                print(f"  {case.messages[-1].content!r}: {answer!r}, not {case.expected!r}")
        print(
            f"{kind:28} {right:4} of {total:4}  ({100 * right / total:5.1f} %, {time.perf_counter() - started_s:.1f} s)"
        )
    llm.close()


if __name__ == "__main__":
    main()
