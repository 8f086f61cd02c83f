"""What a user asks of a session, as messages for its inbox."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Typed:
    text: str


@dataclass(frozen=True, slots=True)
class Mute:
    muted: bool


@dataclass(frozen=True, slots=True)
class Interrupt:
    pass


@dataclass(frozen=True, slots=True)
class ForgetLast:
    pass


@dataclass(frozen=True, slots=True)
class Stop:
    reason: str
