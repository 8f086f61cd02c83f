"""Two quiet palettes, one for a dark terminal and one for a light."""

import os

from textual.theme import Theme

DARK = Theme(
    name="assistant-dark",
    dark=True,
    primary="#6cb6a8",
    secondary="#8fb1e3",
    accent="#6cb6a8",
    foreground="#d9dde3",
    background="#15181d",
    surface="#1c2027",
    panel="#232831",
    success="#7dbf8e",
    warning="#e2b566",
    error="#ef7f84",
    variables={"quiet": "#8b94a3", "faint": "#4a525f", "line": "#2d343f", "footer-key-foreground": "#6cb6a8"},
)
LIGHT = Theme(
    name="assistant-light",
    dark=False,
    primary="#12695d",
    secondary="#2d5a9b",
    accent="#12695d",
    foreground="#23272e",
    background="#fbfaf7",
    surface="#f1efea",
    panel="#e8e5de",
    success="#2f7d46",
    warning="#8f5a00",
    error="#b3262e",
    variables={"quiet": "#656b75", "faint": "#b0b2b2", "line": "#d6d3cb", "footer-key-foreground": "#12695d"},
)


def suited(environ: "os._Environ[str] | dict[str, str]") -> Theme:
    """LIGHT where the terminal says that its background is light (``COLORFGBG``, from rxvt, Konsole and iTerm2)."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if background in ("7", "15") else DARK
