import numpy as np
import pytest

from assistant.audio.highpass import HighPass
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import frames, level_db, speech


def filtered(sound: Pcm) -> Pcm:
    high_pass = HighPass()
    return np.concatenate([high_pass.process(frame) for (frame,) in frames(sound)])


@pytest.mark.parametrize(
    ("hertz", "db"), [(10, -36), (20, -24), (40, -12.3), (80, -3), (160, -0.27), (300, 0), (1000, 0), (7000, 0)]
)
def test_it_is_a_butterworth_filter_of_second_order(hertz: float, db: float) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(2 * 16_384) / SAMPLE_RATE_HZ).astype(np.float32)
    late = slice(16_384, None)
    assert level_db(filtered(tone)[late]) - level_db(tone[late]) == pytest.approx(db, abs=0.5)


def test_speech_passes_as_it_is_and_at_once() -> None:
    sound = speech(2.0, 1)
    assert level_db(filtered(sound) - sound) < level_db(sound) - 6
    assert level_db(filtered(sound)) == pytest.approx(level_db(sound), abs=0.2)
    click = np.zeros(1024, np.float32)
    click[600] = 1
    assert int(np.argmax(filtered(click))) == 600


def test_an_offset_goes() -> None:
    assert level_db(filtered(np.full(8192, 0.5, np.float32))[4096:]) < -60
