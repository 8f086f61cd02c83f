"""How the assistant speaks for the time being: as loud and as fast as the user last asked for."""

from dataclasses import dataclass

SLOWEST, FASTEST = 0.5, 2.0


@dataclass(slots=True)
class Manner:
    """Set where skills run, and read where clauses are spoken: each value stands alone, so no lock is needed."""

    volume: float = 1.0
    """0…1, as loudness is felt."""
    speed: float = 1.0
    """1 is the voice's own."""
    usual_speed: float = 1.0
    """What ``normal`` means."""
    muted: bool = False

    @property
    def gain(self) -> float:
        """What samples are multiplied with; the square comes near to what ears call half as loud."""
        return 0.0 if self.muted else self.volume**2
