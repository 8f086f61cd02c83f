"""How the small models of the tests were made, and what they score. Nothing here asks the network."""

from assistant import offline

offline.enforce()
