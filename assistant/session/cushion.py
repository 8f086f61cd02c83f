"""How much sound to have ready: as much as bridges the time until there is more, and no more. Pure.

A slow machine collects before it runs dry; on a quick one little is synthesised that an interruption would throw away.
"""

LONGEST_LEAD_S = 4.0  # synthesised ahead of the loudspeaker, at most; also while nothing has been measured
SHORTEST_LEAD_S = 1.0  # other programs hold a thread up for tenths of a second
SAFETY = 2.0  # a voice takes up to twice its usual time while the language model wants the same core
SCARCE = 1.5  # text that comes less than so many times as fast as it is spoken is turned into sound at once
LONGEST_HOLD_S = 1.0  # the first clause waits so long at most: somebody is waiting for it, too
NEXT_CHARACTERS = 60  # of a clause that has not been written to its end: half an ordinary sentence
KEPT_PER_DELTA = 0.98  # of what was known before: about the last 50 tokens count
KEPT_PER_CLAUSE = 0.7  # … the last three clauses


class Rate:
    """What an amount costs, by the last few measurements. ``kept`` is the weight of those before at each new one."""

    def __init__(self, kept: float) -> None:
        self._kept = kept
        self._amount = 0.0
        self._cost = 0.0

    def add(self, amount: float, cost: float) -> None:
        self._amount = self._kept * self._amount + amount
        self._cost = self._kept * self._cost + cost

    def cost(self, amount: float) -> float | None:
        """What ``amount`` is expected to cost; None before the first measurement."""
        return None if self._amount <= 0 else self._cost * amount / self._amount


class Cushion:
    """Learns from every clause of a conversation. Times are seconds of the session's clock."""

    def __init__(self) -> None:
        self._writing = Rate(KEPT_PER_DELTA)  # seconds until characters have been written
        self._voicing = Rate(KEPT_PER_CLAUSE)  # … until they are sound
        self._saying = Rate(KEPT_PER_CLAUSE)  # … that it takes to say them
        self._wrote_s: float | None = None  # when the last text of this answer came

    def begin(self) -> None:
        """Another answer: the time before its first text says nothing about how fast more of it comes."""
        self._wrote_s = None

    def wrote(self, characters: int, at_s: float) -> None:
        """Text has come."""
        if self._wrote_s is not None:
            self._writing.add(characters, at_s - self._wrote_s)
        self._wrote_s = at_s

    def voiced(self, characters: int, took_s: float, sound_s: float) -> None:
        """A clause has become sound."""
        self._voicing.add(characters, took_s)
        self._saying.add(characters, sound_s)

    def lead_s(self, characters: int) -> float:
        """With less sound than this before the loudspeaker, a clause of so many characters is to be synthesised."""
        voicing_s = self._voicing.cost(characters)
        if voicing_s is None or self._text_is_scarce():
            return LONGEST_LEAD_S
        return min(max(SAFETY * voicing_s, SHORTEST_LEAD_S), LONGEST_LEAD_S)

    def bridges(self, sound_s: float, written: int | None, since_s: float) -> bool:
        """Whether ``sound_s`` of sound lasts until there is more, as far as anybody can tell.

        ``written`` are the characters of the clause that comes next, None while they are still being written, which
        began ``since_s`` ago.
        """
        voicing_s = self._voicing.cost(NEXT_CHARACTERS if written is None else written) or 0.0
        writing_s = 0.0
        if written is None:
            writing_s = max((self._writing.cost(NEXT_CHARACTERS) or 0.0) - since_s, 0.0)
        return sound_s >= writing_s + voicing_s

    def _text_is_scarce(self) -> bool:
        writing_s, saying_s = self._writing.cost(1), self._saying.cost(1)
        return writing_s is not None and saying_s is not None and SCARCE * writing_s > saying_s
