"""Finds what a sentence asks for, with hassil and the templates in ``sentences/<language>/*.yaml``.

Numbers are taken out before hassil sees the sentence and put back into the slots: hassil matches their positions
(``{number}`` is a range of small integers), so a number may have any size and any decimals and stays exact.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import Any

from assistant.brain.numbers import Token
from assistant.brain.zones import is_place

MAX_TOKENS = 60
"""No template is nearly as long: longer text is not matched, which bounds the time."""

KNOWN: Mapping[str, Callable[[str], bool]] = {"places": is_place}
"""What a wildcard may be held against, by the name that its list gives as ``known``."""

MAX_READINGS = 16
MAX_WILDCARD_WORDS = 4


@dataclass(frozen=True, slots=True)
class Match:
    """An intent and its slots: Fraction for a number, else the list's ``out`` value or the wildcard's words."""

    intent: str
    slots: Mapping[str, Any]
    open: bool = False
    """A complete sentence that is often only the beginning of a longer one: ``set a timer``."""


def languages() -> list[str]:
    """Languages that have sentences."""
    folders = resources.files("assistant.brain").joinpath("sentences").iterdir()
    return sorted(folder.name for folder in folders if folder.is_dir())


def load_sentences(language: str, more: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Every sentences file of a language and the documents ``more``, merged into one hassil document.

    Raises LookupError if the language has none.
    """
    more = list(more)
    if language not in languages() and not more:
        raise LookupError(f"no sentences for language {language!r}")
    from hassil.util import merge_dict

    document: dict[str, Any] = {"language": language, "intents": {}, "lists": {}}
    folder = resources.files("assistant.brain").joinpath("sentences", language)
    files = sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else []
    for part in [*(_parsed(file.read_text("utf-8")) for file in files if file.name.endswith(".yaml")), *more]:
        merge_dict(document, deepcopy(part))
    return document


def read_sentences(text: str, language: str) -> Mapping[str, Any]:
    """A hassil document from elsewhere, to be merged with ours of ``language``. Raises ValueError for one that cannot
    be used: it would fail, or change what ours mean, only once it is matched."""
    import yaml
    from hassil import Intents
    from hassil.parse_expression import ParseExpressionError
    from hassil.parser import ParseError

    try:
        document = _parsed(text)
        if not isinstance(document, dict) or not isinstance(document.get("intents"), dict):
            raise ValueError("no intents in the sentences")
        _check_names(Intents.from_dict({"language": "", **document}), language)
    except (yaml.YAMLError, ParseError, ParseExpressionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the sentences cannot be read: {error}") from error
    return document


def _check_names(theirs: Any, language: str) -> None:
    """Raises ValueError for a list or rule that is ours, or nobody's, and what hassil raises, which parses here."""
    ours = _own_templates(language, ())[1] if language in languages() else None
    lists, rules = (set(getattr(ours, kind, ())) for kind in ("slot_lists", "expansion_rules"))
    if taken := sorted(lists & theirs.slot_lists.keys() | rules & theirs.expansion_rules.keys()):
        raise ValueError(
            f"another name is needed for {taken[0]}: the built-in sentences have a list or rule of that name"
        )
    for name, described in theirs.slot_lists.items():
        if getattr(described, "start", 0):  # hassil is shown the position of a number, not the number: see above
            raise ValueError(f"the list {name} is a range: write {{number:{name}}} instead, which takes any number")
    lists |= theirs.slot_lists.keys()
    rules |= theirs.expansion_rules.keys()
    for intent in theirs.intents.values():
        for data in intent.data:
            for sentence in (*data.sentences, *data.expansion_rules.values(), *theirs.expansion_rules.values()):
                if missing := next(_missing(sentence.expression, lists, rules | data.expansion_rules.keys()), None):
                    raise ValueError(f"“{sentence.text}” names {missing}, and there is none")


def _missing(expression: Any, lists: Container[str], rules: Container[str]) -> Iterator[str]:
    """What an expression refers to that is neither among ``lists`` nor ``rules``."""
    from hassil.expression import Group, ListReference, RuleReference

    match expression:
        case ListReference(list_name=name) if name not in lists:
            yield f"the list {{{name}}}"
        case RuleReference(rule_name=name) if name not in rules:
            yield f"the rule <{name}>"
        case Group(items=items):
            for item in items:
                yield from _missing(item, lists, rules)


def _parsed(text: str) -> Any:
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _templates(language: str, skip_words: tuple[str, ...], more: list[Mapping[str, Any]]) -> tuple[dict[str, Any], Any]:
    """The lists as they are described, and hassil's ``Intents``. Raises LookupError."""
    from hassil import Intents

    document = load_sentences(language, more)
    intents = Intents.from_dict(document)
    intents.skip_words.extend(skip_words)
    return document["lists"], intents


@lru_cache(maxsize=4)  # a brain is built anew whenever a model is replaced, and parsing takes 0.1 s
def _own_templates(language: str, skip_words: tuple[str, ...]) -> tuple[dict[str, Any], Any]:
    return _templates(language, skip_words, [])


class Matcher:
    """Matches one language. Not thread-safe. Loading takes a few tens of milliseconds, matching one or two."""

    def __init__(
        self, language: str = "en", skip_words: Sequence[str] = (), more: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """``skip_words`` are ignored like the language's own: the assistant's name, say. Raises LookupError."""
        more = list(more)
        words = tuple(skip_words)
        lists, self._intents = _templates(language, words, more) if more else _own_templates(language, words)
        self._known = {name: KNOWN[described["known"]] for name, described in lists.items() if "known" in described}
        self._long = {name for name, described in lists.items() if described.get("long")}
        self._without = {name: set(described.get("without", ())) for name, described in lists.items()}

    def match(self, tokens: Sequence[Token]) -> Match | None:
        """The reading whose wildcards took the fewest words. None if there is none."""
        if not 0 < len(tokens) <= MAX_TOKENS:
            return None
        from hassil import recognize_all

        numbers = [token for token in tokens if isinstance(token, Fraction)]
        positions = iter(range(len(numbers)))
        line = " ".join(str(next(positions)) if isinstance(token, Fraction) else token for token in tokens)
        results = [
            result for result in islice(recognize_all(line, self._intents), MAX_READINGS) if self._plausible(result)
        ]
        if not results:
            return None
        best = min(results, key=_wild_words)
        slots = {name: _value(entity, numbers) for name, entity in best.entities.items()}
        slots |= {name: _words(best.entities[name].text, numbers) for name in self._long & set(slots)}
        return Match(best.intent.name, slots, open=bool((best.intent_metadata or {}).get("open")))

    def _plausible(self, result: Any) -> bool:
        """Whether every wildcard took a short name, and neither numbers nor words that its list is ``without``."""
        for entity in result.entities_list:
            words = entity.text.split() if entity.is_wildcard and entity.name not in self._long else []
            if len(words) > MAX_WILDCARD_WORDS or any(word.isdigit() for word in words):
                return False
            if words and not self._known.get(entity.name, bool)(" ".join(words)):
                return False
            if not self._without.get(entity.name, set()).isdisjoint(words):
                return False
        return True


def _words(text: str, numbers: Sequence[Fraction]) -> str:
    """What a long wildcard took, its numbers put back."""
    return " ".join(str(numbers[int(word)]) if word.isdigit() else word for word in text.split())


def _wild_words(result: Any) -> int:
    return sum(len(entity.text.split()) for entity in result.entities_list if entity.is_wildcard)


def _value(entity: Any, numbers: Sequence[Fraction]) -> Any:
    text = entity.text.strip()
    if entity.is_wildcard:
        return text
    return numbers[int(text)] if text.isdigit() else entity.value
