"""A grammar's automaton accepts the grammar's sentences, all of them and no other, in as few states as possible."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.jsgf import Automaton, compile_jsgf

Language = frozenset[tuple[str, ...]]


def sentences(automaton: Automaton) -> list[str]:
    def walk(state: int, said: tuple[str, ...]) -> Iterator[str]:
        if state in automaton.final:
            yield " ".join(said)
        for word, following in automaton.arcs[state]:
            yield from walk(following, (*said, word))

    return list(walk(automaton.start, ()))


def grammar(body: str, rules: str = "") -> str:
    return f"#JSGF V1.0;\ngrammar test;\npublic <top> = {body};\n{rules}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("stop", {"stop"}),
        ("what time is it", {"what time is it"}),
        ("yes | no", {"yes", "no"}),
        ("[please] stop", {"please stop", "stop"}),
        ("(set | start) a timer", {"set a timer", "start a timer"}),
        ("[[very] good | bad]", {"", "good", "very good", "bad"}),
        ("a (b | c [d]) e", {"a b e", "a c e", "a c d e"}),
        ("what's o'clock", {"what's o'clock"}),
    ],
)
def test_it_accepts_what_the_grammar_says(body: str, expected: set[str]) -> None:
    assert set(sentences(compile_jsgf(grammar(body)))) == expected


def test_a_rule_is_used_in_many_places() -> None:
    text = grammar("<n> plus <n>", "<n> = one | two;")
    assert set(sentences(compile_jsgf(text))) == {f"{a} plus {b}" for a in ("one", "two") for b in ("one", "two")}


def test_it_is_deterministic_and_minimal() -> None:
    automaton = compile_jsgf(grammar("one two three | one four three | five four three"))
    # start, after "one", after "five", the shared "three", the end
    assert len(automaton.arcs) == 5
    for leaving in automaton.arcs:
        words = [word for word, _ in leaving]
        assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no public rule"),
        ("garbage", "not understood"),
        ("#JSGF V1.0;\ngrammar g;\n<a> = b;", "no public rule"),
        (grammar("<other>"), "no rule <other>"),
        (grammar("<top>"), "uses itself"),
        (grammar("(a | b"), "not closed"),
        (grammar("[a)"), "not closed"),
        (grammar("a)"), "closed but not opened"),
        (grammar("a*"), "not understood"),
        (grammar("/0.5/ a | b"), "not understood"),
        (grammar("a {tag}"), "not understood"),
    ],
)
def test_what_it_does_not_know_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compile_jsgf(text)


def unite(parts: list[tuple[str, Language]]) -> tuple[str, Language]:
    return f"({' | '.join(body for body, _ in parts)})", frozenset().union(*(said for _, said in parts))


def chain(parts: list[tuple[str, Language]]) -> tuple[str, Language]:
    said = (sum(pieces, ()) for pieces in product(*(language for _, language in parts)))
    return " ".join(body for body, _ in parts), frozenset(said)


WORDS = st.sampled_from("abc").map(lambda word: (word, frozenset({(word,)})))
EXPRESSIONS = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(unite),
        st.lists(inner, min_size=1, max_size=3).map(chain),
        inner.map(lambda part: (f"[{part[0]}]", part[1] | {()})),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_any_expression_keeps_its_language(expression: tuple[str, Language]) -> None:
    body, language = expression
    found = sentences(compile_jsgf(grammar(body)))
    assert sorted(found) == sorted(" ".join(words) for words in language)
