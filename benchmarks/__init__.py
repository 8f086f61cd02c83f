"""Measurements for the documentation. None of them asks the network, whatever it imports first."""

from assistant import offline

offline.enforce()
