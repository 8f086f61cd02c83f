"""Text as written → text as a person would read it out. Pure.

Markdown, links, emoji and abbreviations are resolved here; numbers and units are left to the voice engine. Clauses are
fragments, so stray halves of a mark are dropped too: that is why this is not a Markdown parser, which would keep them.
"""

import html
import re
from urllib.parse import urlsplit

from assistant.session.breaks import CLOSERS, OPENERS, Break, break_after

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^`\n]*(?:\n.*?)??(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_BULLET = re.compile(r"(?:[-*+•‣▪–][ \t]+(?:\[[ xX]\][ \t]+)?)+")
_NUMBER = re.compile(r"(\d{1,3})[.)][ \t]+(?=\S)")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_RULE = re.compile(r"[-=*_|:+ \t]+")
_FINAL_MARK = re.compile(rf"[.!?:;,…。！？।؟][{re.escape(CLOSERS)}]*$")

_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+\"[^\"\n]*\")?\)|\[[^\[\]]*\])")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]*\]:?")
_HALF_LINK = re.compile(r"\]\([^()\s]*\)?")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_URL_END = r"[^\s<>()\[\]\"'`*|.,;:!?]"
_URL = re.compile(rf"<?\b(?:https?://|www\.)(?:[^\s<>()\[\]\"'`*|]*{_URL_END})>?", re.IGNORECASE)
_HOST = r"(?<![\w@./-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|edu|gov|io|dev|ai|app|info|eu|uk|de|fr|es|it|nl)\b"
_DOMAIN = re.compile(rf"{_HOST}(?:/(?:[^\s<>()\[\]\"'`*|]*{_URL_END})?)?", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])<?(?:mailto:)?([\w.+-]{1,64})@((?:[\w-]{1,63}\.){1,4}[a-z]{2,})>?", re.IGNORECASE)
_LONGEST_HOST = 40  # longer ones are for machines

_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u2668\u2670-\u27bf\u2b05-\u2b55\u231a\u231b\u23e9-\u23fa\u20e3\ufe0f"
    "\U000e0020-\U000e007f]+(?:\u200d[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]+)*\u200d?"
)
_ARROW = re.compile(r" ?[\u2190-\u21ff\u27f0-\u27ff] ?| [-=]+> ")
_EMPHASIS = re.compile(r"(?<!\\)(?:\*{2,}|~~|`+)|(?<![\w\\])\*(?=\S)|(?<=\S)\*(?!\w)|(?<![^\W_])_+|_+(?![^\W_])")
_SNAKE = re.compile(r"(?<=[^\W_])_+(?=[^\W_])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_FOLLOWED_WORD = re.compile(r"(?<!\S)\S+(?=\s+\S)")
_HALF_DAY = re.compile(r"\b([ap])\.\s?m\.", re.IGNORECASE)
_SPACED_MARK = re.compile(r"\s+([,.;:!?])(?=\s|$)")
_DOUBLE_MARK = re.compile(r"([,;:.!?])(?:\s*,)+(?=\s|$)")
_NOTHING_TO_SAY = re.compile(r"[\W_]*")
_CURRENCY = frozenset("$€£¥₹₽₩¢")

_ENGLISH = {
    "approx": "approximately",
    "ca": "about",
    "cf": "compare",
    "e.g": "for example",
    "fig": "figure",
    "i.e": "that is",
    "no": "number",
    "nos": "numbers",
    "p": "page",
    "pp": "pages",
    "vol": "volume",
    "vs": "versus",
    "jan": "January",
    "feb": "February",
    "mar": "March",
    "apr": "April",
    "jun": "June",
    "jul": "July",
    "aug": "August",
    "sep": "September",
    "sept": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
}
"""What a voice engine would spell or swallow, by the abbreviation without its last period."""


def speakable(text: str, language: str = "en") -> str:
    """What the voice gets for one clause; empty where there is nothing to say. ``language`` is an ISO 639-1 code."""
    text = _FENCED.sub("", html.unescape(text))
    text = " ".join(_line(line) for line in text.splitlines(keepends=True))
    text = _links(text, language)
    text = _ARROW.sub(", ", " ".join(_EMOJI.sub(" ", text).split()))
    text = _ESCAPE.sub(r"\1", _SNAKE.sub(" ", _EMPHASIS.sub("", text)))
    text = _abbreviations(text, language)
    text = _SPACED_MARK.sub(r"\1", " ".join(text.split()))
    text = _DOUBLE_MARK.sub(r"\1", text).lstrip(",;: ")
    if _NOTHING_TO_SAY.fullmatch(text) and _CURRENCY.isdisjoint(text):
        return ""
    return text


def _line(line: str) -> str:
    """One line without what makes it a heading, list item, quotation or table row."""
    text = line.strip()
    if _RULE.fullmatch(text):
        return ""
    bare = _QUOTE.sub("", text, count=1) if text.startswith(">") else text
    if bare.startswith("|"):
        return ", ".join(cell.strip() for cell in bare.strip("|").split("|") if cell.strip()) + "."
    for mark, spoken in ((_BULLET, ""), (_HEADING, ""), (_NUMBER, r"\1, ")):
        if mark.match(bare):
            bare = mark.sub(spoken, bare, count=1)
            if mark is _HEADING:
                bare = bare.rstrip("# ")
            break
    block_ended = bare != text and line.endswith(("\n", "\r"))
    if block_ended and bare and not _FINAL_MARK.search(bare):
        bare += "."
    return bare.replace(" | ", ", ")


def _links(text: str, language: str) -> str:
    """Links by their text, bare addresses by their host."""
    text = _LINK.sub(r"\1", _FOOTNOTE.sub("", text))
    text = _HALF_LINK.sub(" ", text)
    text = _EMAIL.sub(lambda m: _email(m[1], m[2], language), text)
    text = _URL.sub(lambda m: _host(m[0], language), text)
    text = _DOMAIN.sub(lambda m: _host(f"http://{m[0]}", language), text)
    return _TAG.sub(" ", text).replace("[", "").replace("]", "")


def _host(url: str, language: str) -> str:
    """``https://www.example.com/a`` → ``example dot com``; ``link`` where the host has no name worth saying."""
    url = url.strip("<>")
    try:
        host = urlsplit(url if "://" in url else f"http://{url}").hostname or ""
    except ValueError:
        return "link"
    host = host.removeprefix("www.")
    if "." not in host or len(host) > _LONGEST_HOST or host.rpartition(".")[2].isdigit():
        return "link"
    return host.replace(".", " dot ") if language == "en" else host


def _email(user: str, host: str, language: str) -> str:
    if language != "en":
        return f"{user}@{host}"
    return f"{user} at {host}".replace(".", " dot ")


def _abbreviations(text: str, language: str) -> str:
    """Spell out or unpoint abbreviations: a voice engine hears the end of a sentence in "Dr. Smith" and "U.S. Army"."""
    if "." not in text:
        return text
    if language == "en":
        text = _HALF_DAY.sub(lambda m: f"{m[1].upper()}M" + "." * (m.end() == len(text)), text)
    return _FOLLOWED_WORD.sub(lambda match: _unpointed(match, text, language), text)


def _unpointed(match: re.Match[str], text: str, language: str) -> str:
    """The word without the period that does not end a sentence, or what it stands for."""
    word = match[0]
    core = word.rstrip(CLOSERS + ",;:")
    stem = core[:-1].lstrip(OPENERS)
    opening = core[: len(core) - 1 - len(stem)]
    if not core.endswith(".") or not stem or stem.endswith(".") or stem.isdecimal():
        return word
    following = text[match.end() : match.end() + 32].lstrip()
    within = word[len(core) :].strip(CLOSERS)  # a comma behind the period: no sentence ends here
    if not within and break_after(word, following, opens=False, complete=True, language=language) is not Break.NONE:
        return word
    if language == "en":
        stem = _ENGLISH.get(stem.lower(), stem.replace(".", ""))
    return opening + stem + word[len(core) :]
