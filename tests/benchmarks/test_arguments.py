"""A run of an hour is refused at its beginning, and not at its end."""

from pathlib import Path

import pytest

from benchmarks.interruptions.arguments import parsed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--part", "3/2"], "--part"),
        (["--levels", "loud"], "--levels"),
        (["--set", "nonsense"], "no KEY=VALUE"),
        (["--speech", "nowhere"], "there is no folder nowhere"),
        (["--merge", "nothing.json"], "there is no file nothing.json"),
        (["--json", "nowhere/trials.json"], "cannot be written"),
    ],
)
def test_what_would_fail_in_the_end_is_refused(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        parsed(None, arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_what_it_is_told() -> None:
    options = parsed(None, ["--levels", "0,inf", "--set", "tts.voice=en-gb", "--set", "turn.barge_in=false"])
    assert options.levels == [0.0, float("inf")]
    assert options.set == [("tts.voice", "en-gb"), ("turn.barge_in", "false")]
    assert parsed(None, []).levels == [0.0, 10.0]
