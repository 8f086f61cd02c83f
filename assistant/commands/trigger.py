"""``trigger``: the key that is held to speak, for a daemon."""

from typing import Annotated

import typer

from assistant.session.controls import Push


def trigger(
    action: Annotated[Push, typer.Argument(help="What the key does.", show_default=True)] = Push.TOGGLE,
) -> None:
    """Let the running daemon listen, or end what you said.

    For a key of your desktop, with listen.mode push (or wake, where it stands for the wake word).
    """
    from assistant.trigger import default_path, send

    send(action, default_path())
