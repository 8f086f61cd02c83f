"""One turn of the conversation as words and styles; no widget inside."""

from dataclasses import dataclass, field

from textual.content import Content

from assistant.tui.panels.plain import plain

BAR, INDENT = "▌ ", "  "
COLOURS = {"voice": "$accent", "text": "$secondary", "timer": "$warning"}


@dataclass(slots=True)
class Exchange:
    """What was said and answered in one turn, as far as it is known by now."""

    origin: str
    said: str = ""
    final: bool = False
    clauses: list[str] = field(default_factory=list)
    outcome: str = ""
    reply: str = ""
    heard: str = ""
    over: str = ""
    """What became of the answer while somebody spoke over it."""

    def said_content(self) -> Content:
        """The user's words: grey while they may still change, struck out once a later turn has taken them over."""
        if not self.said:
            return Content()
        if self.outcome == "continued":
            return Content.styled(f"{plain(self.said)} …", "bold $quiet")
        if not self.final:
            return Content.styled(f"{plain(self.said)} …", "italic $quiet")
        return Content.styled(plain(self.said), "bold")

    def reply_content(self) -> Content:
        """The answer so far; once the turn has ended, with what was not heard struck out behind a mark."""
        match self.outcome:
            case "":
                return _joined((plain("".join(self.clauses)).strip(), ""), (self.over, "bold $warning"))
            case "answered":
                return Content(plain(self.reply))
            case outcome:
                heard, unheard = split_heard(self.reply, self.heard)
                mark = f"‹{outcome}›" if unheard or outcome != "continued" else ""
                return _joined((plain(heard), ""), (mark, "bold $warning"), (plain(unheard), "$quiet strike"))

    def lines(self, width: int) -> list[Content]:
        """Both halves, wrapped to ``width`` cells: a bar before the user's words, the answer under them."""
        inner = max(1, width - len(BAR))
        bar, indent = (Content.styled(edge, COLOURS.get(self.origin, "$accent")) for edge in (BAR, INDENT))
        halves = ((bar, self.said_content()), (indent, self.reply_content()))
        return [edge + line for edge, half in halves if half for line in half.wrap(inner)]

    @property
    def empty(self) -> bool:
        return not (self.said or self.clauses or self.reply)


def split_heard(reply: str, heard: str) -> tuple[str, str]:
    """What was played of ``reply``, and the rest."""
    if not reply.startswith(heard):
        return heard, reply
    return heard, reply[len(heard) :].strip()


def _joined(*parts: tuple[str, str]) -> Content:
    return Content(" ").join(Content.styled(text, style) for text, style in parts if text)
