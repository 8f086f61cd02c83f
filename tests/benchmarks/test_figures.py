"""The table of interruptions, put together from parts."""

import json
from dataclasses import replace

import pytest

from benchmarks.interruptions.arguments import part
from benchmarks.interruptions.figures import Figures
from benchmarks.interruptions.verdicts import Selves, Verdict
from benchmarks.interruptions.wakewords import WakeFigures

ALONE = Selves("alone 0", 66.0, 0, 0, 1, 2, 0.3, 0, 0, 0)
STOP = Verdict("over 0", "stop", "en-gb: stop", 0.0, asked=True, killed=True, ducked_s=0.06, silent_s=0.15)
CALLED = replace(STOP, kind="wake")
WAKE = WakeFigures("alexa", 7, 1, 8, 0, 60.0, ("door",))


def test_parts_of_a_run_make_the_table_of_the_whole() -> None:
    missed = replace(STOP, killed=False, silent_s=None)
    whole = Figures([ALONE, ALONE], [STOP, missed, CALLED], 0.05, [WAKE])
    parts = [Figures([ALONE], [STOP, CALLED], 0.05, [WAKE]), Figures([ALONE], [missed])]
    written = [json.loads(json.dumps(one.as_dict())) for one in parts]
    assert sorted(Figures.merged(written).rows()) == sorted(whole.rows())
    rows = {name: measured for name, measured, _ in whole.rows()}
    assert rows["stop words obeyed, talker +0 dB to the echo"] == "50.0% (1 of 2)"
    assert rows["wake words that interrupt the answer, talker +0 dB to the echo"] == "100.0% (1 of 1)"
    assert rows["front end (echo, gain, VAD, wake word), of one core"] == "5.0%"


def test_a_part_is_one_of_some() -> None:
    assert part("2/3") == (2, 3)
    for wrong in ("3/2", "0/2", "2"):
        with pytest.raises(ValueError, match=wrong if "/" in wrong else "invalid literal"):
            part(wrong)
