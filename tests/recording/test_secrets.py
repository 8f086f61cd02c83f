from assistant.events import PrivacyChanged, TurnEnded, TurnStarted
from assistant.recording.secrets import BEHIND_S, Secrets


def began(turn: int, at_s: float) -> TurnStarted:
    return TurnStarted(at_s=at_s, turn_id=turn, origin="voice")


def ended(turn: int, at_s: float) -> TurnEnded:
    return TurnEnded(
        at_s=at_s,
        turn_id=turn,
        origin="voice",
        outcome="answered",
        transcript="",
        reply="",
        heard="",
        states=(),
    )


def test_what_was_private_goes_on_until_every_turn_of_that_time_has_ended() -> None:
    secrets = Secrets(lead_s=0.5)
    events = [
        began(1, 10.0),
        began(2, 11.0),
        PrivacyChanged(at_s=12.0, private=True),
        PrivacyChanged(at_s=13.0, private=False),
        ended(1, 14.0),
        ended(2, 15.0),
        began(3, 20.0),
    ]
    private = []
    for event in events:
        secrets.add(event)
        private.append(secrets.private)
    assert private == [False, False, True, True, True, False, False]
    assert secrets.silent == [(9.5, 15.0 + BEHIND_S)]
    assert secrets.private_turns == {1, 2}
