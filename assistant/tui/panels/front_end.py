"""What is done to the microphone's sound, in words for the edge of the box at the bottom."""

from assistant.events import FrontEndChanged

ECHO = {
    "on": "echo removal on",
    "unheard": "no echo to remove",
    "headset": "echo removal off (headset)",
    "off": "echo removal off",
}


def front_end_in_words(event: FrontEndChanged) -> str:
    """``echo removal on · microphone made louder``: of noise and gain only what is done."""
    words = [ECHO[event.echo]]
    if event.noise_suppressor:
        words.append("noise suppressor on")
    if event.gain_db:
        words.append("microphone made louder")
    return " · ".join(words)
