"""What a user asks of a session, as messages for its inbox."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Typed:
    text: str


@dataclass(frozen=True, slots=True)
class Mute:
    muted: bool


class Push(Enum):
    """The key that is held to speak, or what stands for it."""

    START = "start"
    STOP = "stop"
    TOGGLE = "toggle"


@dataclass(frozen=True, slots=True)
class Interrupt:
    pass


@dataclass(frozen=True, slots=True)
class ForgetLast:
    pass


@dataclass(frozen=True, slots=True)
class Stop:
    reason: str
