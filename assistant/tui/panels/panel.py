"""What makes a widget a panel."""

from assistant.events import Event


class Panel:
    """A widget that is shown every event, in order, on the screen's thread; it sets its own reactives from them."""

    def observe(self, event: Event) -> None:
        raise NotImplementedError
