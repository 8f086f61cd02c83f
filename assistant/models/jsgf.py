"""A JSGF grammar as the smallest automaton that accepts the same sentences.

PocketSphinx expands a grammar into states and empty transitions, hundreds of thousands for a rich one, and searches
them all; the minimal automaton (Hopcroft, Motwani, Ullman: Introduction to Automata Theory, 2.3 and 4.4) is a hundredth
of that. Without repetition a grammar has no cycles, so one walk from the start makes it deterministic and minimal.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

TOKEN = re.compile(r"<[\w.]+>|[()\[\]|]|[^\s()\[\]|<>]+")
RULE = re.compile(r"(public\s+)?<([\w.]+)>\s*=(.*)", re.DOTALL)
UNSUPPORTED = re.compile(r"[*+{}/]")


@dataclass(frozen=True, slots=True)
class Automaton:
    """Acyclic, deterministic and minimal. ``arcs[state]`` are (word, next state)."""

    start: int
    final: frozenset[int]
    arcs: tuple[tuple[tuple[str, int], ...], ...]


def compile_jsgf(grammar: str) -> Automaton:
    """The automaton of a grammar of words, rules, alternatives, groups and options.

    Raises ValueError for anything else: weights, tags, repetition, recursion, an unknown rule.
    """
    network = _Network(grammar)
    return _Minimizer(network).automaton()


class _Network:
    """Thompson's construction: states joined by words and by empty arcs, one copy of a rule for each use."""

    def __init__(self, grammar: str) -> None:
        self.words: list[list[tuple[str, int]]] = []
        self.empty: list[list[int]] = []
        self._open_rules: list[str] = []
        self._rules, top = _rules(grammar)
        self.start, self.end = self._state(), self._state()
        self._rule(top, self.start, self.end)

    def _state(self) -> int:
        self.words.append([])
        self.empty.append([])
        return len(self.empty) - 1

    def _rule(self, name: str, begin: int, end: int) -> None:
        if name not in self._rules:
            raise ValueError(f"there is no rule <{name}>")
        if name in self._open_rules:
            raise ValueError(f"the rule <{name}> uses itself")
        self._open_rules.append(name)
        tokens = self._rules[name]
        if self._alternatives(tokens, 0, begin, end) != len(tokens):
            raise ValueError(f"a bracket is closed but not opened in <{name}>")
        self._open_rules.pop()

    def _alternatives(self, tokens: Sequence[str], at: int, begin: int, end: int) -> int:
        """Read up to the closing bracket or the end; return where that is."""
        while True:
            at = self._sequence(tokens, at, begin, end)
            if at == len(tokens) or tokens[at] != "|":
                return at
            at += 1

    def _sequence(self, tokens: Sequence[str], at: int, begin: int, end: int) -> int:
        here = begin
        while at < len(tokens) and tokens[at] not in "|)]":
            token, there = tokens[at], self._state()
            at += 1
            if token in "([":
                at = self._bracket(tokens, at, here, there)
            elif token.startswith("<"):
                self._rule(token[1:-1], here, there)
            else:
                self.words[here].append((token, there))
            here = there
        self.empty[here].append(end)
        return at

    def _bracket(self, tokens: Sequence[str], at: int, begin: int, end: int) -> int:
        opened = tokens[at - 1]
        at = self._alternatives(tokens, at, begin, end)
        if at == len(tokens) or tokens[at] != {"(": ")", "[": "]"}[opened]:
            raise ValueError(f"a {opened} is not closed")
        if opened == "[":
            self.empty[begin].append(end)
        return at + 1


class _Minimizer:
    """Subset construction; states that lead to the same sentences become one on the way back."""

    def __init__(self, network: _Network) -> None:
        self._network = network
        self._closures: dict[int, frozenset[int]] = {}
        self._states: dict[frozenset[int], int] = {}
        self._numbers: dict[tuple[bool, tuple[tuple[str, int], ...]], int] = {}

    def automaton(self) -> Automaton:
        start = self._visit(self._closure(self._network.start))
        final = frozenset(number for (ends, _), number in self._numbers.items() if ends)
        return Automaton(start, final, tuple(arcs for _, arcs in self._numbers))

    def _visit(self, subset: frozenset[int]) -> int:
        if subset in self._states:
            return self._states[subset]
        reached: dict[str, set[int]] = {}
        for state in subset:
            for word, there in self._network.words[state]:
                reached.setdefault(word, set()).update(self._closure(there))
        arcs = tuple((word, self._visit(frozenset(states))) for word, states in sorted(reached.items()))
        number = self._numbers.setdefault((self._network.end in subset, arcs), len(self._numbers))
        self._states[subset] = number
        return number

    def _closure(self, state: int) -> frozenset[int]:
        """States reachable without a word, of which those that read one or end the sentence."""
        if state not in self._closures:
            seen, waiting = {state}, [state]
            while waiting:
                fresh = set(self._network.empty[waiting.pop()]) - seen
                seen |= fresh
                waiting += fresh
            network = self._network
            self._closures[state] = frozenset(one for one in seen if network.words[one] or one == network.end)
        return self._closures[state]


def _rules(grammar: str) -> tuple[dict[str, list[str]], str]:
    """Each rule's tokens, and the name of the public one."""
    rules: dict[str, list[str]] = {}
    public = None
    for statement in grammar.split(";"):
        text = statement.strip()
        if not text or text.startswith(("#JSGF", "grammar ")):
            continue
        rule = RULE.fullmatch(text)
        if rule is None or UNSUPPORTED.search(rule[3]):
            raise ValueError(f"this JSGF is not understood: {text[:60]}")
        rules[rule[2]] = TOKEN.findall(rule[3])
        public = public or (rule[2] if rule[1] else None)
    if public is None:
        raise ValueError("the grammar has no public rule")
    return rules, public
