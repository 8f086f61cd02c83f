"""Make assistant/samples/question.wav with eSpeak NG: the question that is asked where nobody can speak or type.

python scripts/make_sample.py [FILE]
"""

import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import SAMPLE_RATE_HZ
from assistant.session.turn import CancelToken

SAMPLE = Path(__file__).parents[1] / "assistant" / "samples" / "question.wav"
QUESTION = "What is twelve times twelve?"
LEAD_IN_S, LEAD_OUT_S = 0.3, 0.5
ROOM_LEVEL = 10 ** (-60 / 20)
"""White noise under it all, as in a quiet room: digital silence is what no microphone gives."""


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    settings = Settings.model_validate({"tts": {"engine": "espeak-ng", "voice": "en-us", "speed": 0.86}})
    voice = registry.tts_candidates(settings)[0].load()
    said = np.concatenate(list(voice.synthesize(QUESTION, CancelToken())))
    speech = soxr.resample(said, voice.sample_rate_hz, SAMPLE_RATE_HZ)
    before, after = (np.zeros(int(seconds * SAMPLE_RATE_HZ)) for seconds in (LEAD_IN_S, LEAD_OUT_S))
    question = np.concatenate([before, speech, after])
    room = np.random.default_rng(1).normal(0, ROOM_LEVEL, question.size)
    soundfile.write(file, np.clip(question + room, -1, 1), SAMPLE_RATE_HZ, subtype="PCM_16")


if __name__ == "__main__":
    main()
