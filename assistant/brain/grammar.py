"""The intents' sentences as a JSGF grammar, so that a small recogniser listens for what can be answered.

Templates become rules, lists become alternatives, and number ranges become number words. What needs a word that the
recogniser cannot pronounce is left out. Format: https://www.w3.org/TR/jsgf/
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations
from typing import Any

from assistant.brain.intents import load_sentences
from assistant.brain.number_grammar import number_rules

Node = str | None
"""A piece of JSGF: ``""`` says nothing, None cannot be said."""


def intent_grammar(
    in_dictionary: Callable[[str], bool], language: str = "en", more: Iterable[Mapping[str, Any]] = ()
) -> str:
    """A JSGF grammar of the sentences that the intents of ``language`` understand, corrections among them, and those
    of the documents ``more``.

    ``in_dictionary`` tells whether the recogniser can pronounce a lower-case word. Raises LookupError for a language
    without sentences.
    """
    return _Writer(load_sentences(language, more), in_dictionary).grammar()


class _Writer:
    """Walks hassil's parsed expressions; each rule and list is written once."""

    def __init__(self, document: Mapping[str, Any], in_dictionary: Callable[[str], bool]) -> None:
        from hassil import Intents

        self._intents = Intents.from_dict(dict(document))
        self._document = document
        self._knows = in_dictionary
        self._rules: dict[str, Node] = {}
        self._local: Mapping[str, Any] = {}

    def grammar(self) -> str:
        frame = self._document.get("spoken", {})
        sentence = self._named("sentence", self._sentences())
        before, after, correction = (
            self._named(part, alternatives([self._words(phrase) for phrase in frame.get(part, [])]))
            for part in ("before", "after", "correction")
        )
        fragment = self._named("fragment", alternatives([self._template(text) for text in frame.get("fragments", [])]))
        utterance = alternatives(
            [
                sequence([optional(correction), optional(before), sentence, optional(after)]),
                sequence([correction, fragment]),
            ]
        )
        rules = [f"<{name}> = {body};" for name, body in self._rules.items() if body]
        return "\n".join(["#JSGF V1.0;", "grammar intents;", f"public <utterance> = {utterance};", *rules, ""])

    def _sentences(self) -> Node:
        bodies = []
        for data in [data for intent in self._intents.intents.values() for data in intent.data]:
            if not (data.metadata or {}).get("written"):
                self._local = data.expansion_rules
                bodies += [self._pieces(sentence.expression) for sentence in data.sentences]
        self._local = {}
        return factored([tuple(node for node in body if node) for body in bodies if None not in body])

    def _pieces(self, expression: Any) -> list[Node]:
        from hassil.expression import Sequence as HassilSequence

        if not isinstance(expression, HassilSequence):
            return [self._expression(expression)]
        return [self._piece(run) for run in glued(expression.items)]

    def _template(self, text: str) -> Node:
        from hassil.parse_expression import parse_sentence

        return self._expression(parse_sentence(text).expression)

    def _expression(self, expression: Any) -> Node:
        from hassil import expression as hassil

        if isinstance(expression, hassil.TextChunk):
            return self._words(expression.text)
        if isinstance(expression, hassil.ListReference):
            return self._list(expression.list_name)
        if isinstance(expression, hassil.RuleReference):
            return self._rule(expression.rule_name)
        if isinstance(expression, hassil.Alternative):
            return alternatives([self._expression(item) for item in expression.items])
        if isinstance(expression, hassil.Permutation):
            orders = permutations([self._expression(item) for item in expression.items])
            return alternatives([sequence(order) for order in orders])
        return sequence(self._pieces(expression))

    def _piece(self, items: Sequence[Any]) -> Node:
        """Items of a sequence with no space between them: written out as whole words (``timer[s]``)."""
        if len(items) == 1:
            return self._expression(items[0])
        from hassil.expression import Sequence as HassilSequence
        from hassil.sample import sample_expression

        return alternatives([self._words(text) for text in sample_expression(HassilSequence(items=list(items)))])

    def _rule(self, name: str) -> Node:
        if name in self._local:
            return self._expression(self._local[name].expression)
        if name not in self._rules:
            self._named(name, self._expression(self._intents.expansion_rules[name].expression))
        return self._reference(name)

    def _list(self, name: str) -> Node:
        rule = f"list_{name}"
        if rule not in self._rules:
            described = self._document["lists"][name]
            if "spoken" in described:
                self._named(rule, alternatives([self._spoken(entry) for entry in described["spoken"]]))
            else:
                values = getattr(self._intents.slot_lists[name], "values", ())
                said = [value for value in values if not (value.metadata or {}).get("written")]
                self._named(rule, alternatives([self._expression(value.text_in) for value in said]))
        return self._reference(rule)

    def _spoken(self, entry: str | Mapping[str, int]) -> Node:
        if isinstance(entry, str):
            return self._template(entry)
        name, rules = number_rules(entry["from"], entry["to"])
        for rule, body in rules.items():
            self._rules.setdefault(rule, body)
        return f"<{name}>"

    def _named(self, name: str, body: Node) -> Node:
        self._rules[name] = body
        return self._reference(name)

    def _reference(self, name: str) -> Node:
        body = self._rules[name]
        return f"<{name}>" if body else body

    def _words(self, text: str) -> Node:
        words = text.casefold().split()
        return " ".join(words) if all(self._knows(word) for word in words) else None


def sequence(nodes: Iterable[Node]) -> Node:
    """One after the other; impossible if any is."""
    said = list(nodes)
    return None if None in said else " ".join(node for node in said if node)


def alternatives(nodes: Iterable[Node]) -> Node:
    """One of them; the impossible ones are left out, and one that says nothing makes the rest optional."""
    possible = list(dict.fromkeys(node for node in nodes if node is not None))
    said = [node for node in possible if node]
    if not said:
        return "" if possible else None
    body = said[0] if len(said) == 1 else f"({' | '.join(said)})"
    return optional(body) if "" in possible else body


def factored(sequences: Sequence[tuple[str, ...]]) -> Node:
    """One of the sequences, with what several begin or end with written once.

    The recogniser expands every rule wherever it is mentioned, so this decides how fast it loads.
    """
    for end, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
        groups: dict[str, list[tuple[str, ...]]] = {}
        for nodes in dict.fromkeys(sequences):
            groups.setdefault(nodes[end] if nodes else "", []).append(nodes[rest])
        if len(groups) < len(set(sequences)):
            shared = [(node, factored(rests)) for node, rests in groups.items()]
            return alternatives([sequence(pair if end == 0 else pair[::-1]) for pair in shared])
    return alternatives([sequence(nodes) for nodes in sequences])


def optional(node: Node) -> Node:
    if not node:
        return ""
    return f"[{node[1:-1]}]" if re.fullmatch(r"\([^()]*\)", node) else f"[{node}]"


def glued(items: Sequence[Any]) -> list[list[Any]]:
    """Items of a hassil sequence in runs that are not parted by white space."""
    from hassil.expression import TextChunk

    runs: list[list[Any]] = []
    open_end = False
    for item in items:
        text = item.text if isinstance(item, TextChunk) else None
        if text is None:
            (runs[-1].append(item) if open_end else runs.append([item]))
            open_end = True
            continue
        for part in re.findall(r"\s+|\S+", text):
            if part.isspace():
                open_end = False
            else:
                (runs[-1].append(TextChunk(part)) if open_end else runs.append([TextChunk(part)]))
                open_end = True
    return runs
