"""Print all scores of the three models that the tests use, as their model cards record them.

    python -m scripts.test_models.scores

Takes some minutes on one core, and needs the assistant's packages only: no torch. Each part has a command of its own.
"""

from scripts.test_models import score_llama, score_voice, score_whisper


def main() -> None:
    print("\n## nano-whisper\n")
    score_whisper.report(score_whisper.FOLDER, rounds=1)
    print("\n## nano-llama\n")
    score_llama.report(score_llama.MODEL)
    print("\n## nano-voice\n")
    score_voice.report(score_voice.MODEL)


if __name__ == "__main__":
    main()
