"""Sentences from a JSGF grammar, for tests."""

import random
import re

TOKEN = re.compile(r"[()\[\]|]|<\w+>|[^\s()\[\]|<>]+")


class Sampler:
    def __init__(self, grammar: str, seed: int) -> None:
        self._rng = random.Random(seed)
        self._rules = {m[1]: m[2] for m in re.finditer(r"^(?:public )?<(\w+)> = (.*);$", grammar, re.M)}

    def sentence(self, rule: str = "utterance") -> str:
        tokens = TOKEN.findall(self._rules[rule])
        return " ".join(self._alternatives(tokens))

    def every(self, rule: str) -> set[str]:
        """All sentences of a small rule."""
        return {" ".join(said.split()) for said in self._every(TOKEN.findall(self._rules[rule]))}

    def _every(self, tokens: list[str]) -> set[str]:
        found: set[str] = set()
        sequences = {""}
        while tokens:
            token = tokens.pop(0)
            if token in ")]":
                break
            if token == "|":
                found |= sequences
                sequences = {""}
                continue
            if token in "([":
                said = self._every(tokens) | ({""} if token == "[" else set())
            else:
                said = self.every(token[1:-1]) if token[0] == "<" else {token}
            sequences = {f"{before} {after}" for before in sequences for after in said}
        return found | sequences

    def _alternatives(self, tokens: list[str]) -> list[str]:
        """Consumes up to the closing bracket; one of the alternatives."""
        choices: list[list[str]] = [[]]
        while tokens:
            token = tokens.pop(0)
            if token in ")]":
                break
            if token == "|":
                choices.append([])
            elif token == "(":
                choices[-1] += self._alternatives(tokens)
            elif token == "[":
                inner = self._alternatives(tokens)
                choices[-1] += inner if self._rng.random() < 0.4 else []
            elif token[0] == "<":
                choices[-1] += self.sentence(token[1:-1]).split()
            else:
                choices[-1].append(token)
        return self._rng.choice(choices)
