"""Clocks that a test moves by hand."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.brain.agenda.clocks import Clocks


class HandClock:
    """``pass_`` moves both clocks; ``wall`` alone may be set, as NTP or a traveller does."""

    def __init__(self, wall: str = "2026-11-20T15:20", zone: str = "Europe/London") -> None:
        self.zone = ZoneInfo(zone)
        self.wall = datetime.fromisoformat(wall).replace(tzinfo=self.zone)
        self.elapsed_s = 1000.0

    def pass_(self, seconds: float) -> None:
        self.elapsed_s += seconds
        self.wall = datetime.fromtimestamp(self.wall.timestamp() + seconds, self.zone)

    def set_wall(self, by: timedelta) -> None:
        self.wall = datetime.fromtimestamp(self.wall.timestamp() + by.total_seconds(), self.zone)

    def travel(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.wall = self.wall.astimezone(self.zone)

    def clocks(self, boot: str = "boot") -> Clocks:
        return Clocks(lambda: self.wall, lambda: self.elapsed_s, boot)
