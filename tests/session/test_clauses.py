from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.session.clauses import LONGEST_CLAUSE, Clause, ClauseSplitter, speakable


def split(text: str, language: str = "en") -> list[Clause]:
    splitter = ClauseSplitter(language)
    return splitter.feed(text) + splitter.flush()


def texts(text: str, language: str = "en") -> list[str]:
    return [clause.text for clause in split(text, language)]


def spoken(text: str, language: str = "en") -> list[str]:
    return [clause.spoken for clause in split(text, language) if clause.spoken]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello. How are you? Fine!", ["Hello. ", "How are you? ", "Fine!"]),
        ("Dr. Smith met Mr. Jones. They spoke.", ["Dr. Smith met Mr. Jones. ", "They spoke."]),
        ("Use e.g. a spoon. Or i.e. this.", ["Use e.g. a spoon. ", "Or i.e. this."]),
        ("The U.S. Army left the U.S. It went.", ["The U.S. Army left the U.S. ", "It went."]),
        ("J. R. R. Tolkien wrote. I read.", ["J. R. R. Tolkien wrote. ", "I read."]),
        ("No. 5 is here. No. Not that.", ["No. 5 is here. ", "No. ", "Not that."]),
        ("Pi is 3.14. It is 10:30 now.", ["Pi is 3.14. ", "It is 10:30 now."]),
        (
            "Come at 5 p.m. tomorrow. Or at 5 p.m. Bring tea.",
            ["Come at 5 p.m. tomorrow. ", "Or at 5 p.m. ", "Bring tea."],
        ),
        ("It was 1999. Then it was 2000.", ["It was 1999. ", "Then it was 2000."]),
        ("1. Mix it. 2. Bake it.", ["1. Mix it. ", "2. Bake it."]),
        ("Well... maybe so… yes. Hm… Ok.", ["Well... maybe so… ", "yes. ", "Hm… ", "Ok."]),
        ('"Really?" he asked. "Yes." I left.', ['"Really?" he asked. ', '"Yes." ', "I left."]),
        ("**Bold. Still** bold. _So._ Ok.", ["**Bold. ", "Still** bold. ", "_So._ ", "Ok."]),
        ("See example.com/a.b?c=1. Then go.", ["See example.com/a.b?c=1. ", "Then go."]),
        (
            "Read [it all. Now, yes](https://a.org/b) first. Go.",
            ["Read [it all. Now, yes](https://a.org/b) first. ", "Go."],
        ),
    ],
)
def test_a_clause_ends_where_the_sentence_does(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "你好，我是助手。今天很好！「真的？」他说。",
            "zh",
            ["你好，我是助手。", "今天很好！", "「真的？」", "他说。"],
        ),
        ("नमस्ते। आप कैसे हैं?", "hi", ["नमस्ते। ", "आप कैसे हैं?"]),
        ("Am 3. Oktober kam Dr. Ott. Gut.", "de", ["Am 3. Oktober kam Dr. Ott. ", "Gut."]),
        ("¿Qué tal? ¡Bien!", "es", ["¿Qué tal? ", "¡Bien!"]),
    ],
)
def test_other_languages_end_their_sentences_too(text: str, language: str, expected: list[str]) -> None:
    assert texts(text, language) == expected


def test_the_first_clause_ends_at_a_comma_once_it_is_long_enough_to_sound_natural() -> None:
    assert texts("Well, in that case, take the bus, then walk.") == [
        "Well, in that case, ",
        "take the bus, then walk.",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("In 1969, Neil Armstrong walked on the moon.", "In 1969, "),
        ("A loaf of bread stays fresh longer if you keep it in a bag.", "A loaf of bread stays fresh longer "),
        ("The cell gets its power from here because it has nothing else.", "The cell gets its power from here "),
        (
            "Plants use light to make all of their food from air and water.",
            "Plants use light to make all of their food ",
        ),
        ("The wall was built again over many years by several rulers.", "The wall was built again over many years "),
        (
            "It is the well known process by which plants make food.",
            "It is the well known process by which plants make food.",
        ),
        ("You can go there tomorrow even if it rains.", "You can go there tomorrow even if it rains."),
        (
            "It costs one thousand two hundred and fifty dollars.",
            "It costs one thousand two hundred and fifty dollars.",
        ),
        ("The song on the radio is by Simon and Garfunkel.", "The song on the radio is by Simon and Garfunkel."),
        ("The answer to the sum of these is 3 by 4.", "The answer to the sum of these is 3 by 4."),
        ("Martin Luther King, Jr. led it.", "Martin Luther King, Jr. led it."),
        ("He lives in Springfield, IL, today.", "He lives in Springfield, IL, "),
        ("The capital is Paris, I think.", "The capital is Paris, "),
    ],
)
def test_the_first_clause_is_short_and_divides_no_number_and_no_name(text: str, first: str) -> None:
    assert texts(text)[0] == first


def test_a_comma_inside_a_date_or_number_is_no_pause() -> None:
    assert texts("It began on July 4, 1776, with 1,000 men.") == ["It began on July 4, 1776, ", "with 1,000 men."]


def test_a_long_sentence_is_cut_at_its_last_comma_or_else_before_a_conjunction() -> None:
    text = (
        "Right. If you walk along the river in the early morning, you may see herons standing in the water "
        "and kingfishers diving from the low branches of the old trees that grow on the far bank "
        "because nobody disturbs them there."
    )
    assert texts(text) == [
        "Right. ",
        "If you walk along the river in the early morning, ",
        "you may see herons standing in the water and kingfishers diving from the low branches "
        "of the old trees that grow on the far bank ",
        "because nobody disturbs them there.",
    ]


def test_a_dash_is_a_pause_and_a_minus_is_not() -> None:
    assert texts("The answer here is—let me see—this: 7 - 5 is 2.") == [
        "The answer here is—",
        "let me see—this: 7 - 5 is 2.",
    ]


def test_a_clause_comes_out_as_soon_as_the_next_word_begins() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("Hello.") == []
    assert splitter.feed(" ") == []
    assert splitter.feed("H") == [Clause("Hello. ", "Hello.")]
    assert splitter.flush() == [Clause("H", "H")]


def test_markdown_blocks_are_read_as_a_person_would() -> None:
    text = (
        "# The *plan* #\n\n- [x] buy `milk`\n- **eat**, drink\n\n1. one thing\n2) two things?\n\n> said so\n\n"
        "| City | Size |\n|:-----|-----:|\n| Rome | big. Very |\n\n---\n\nDone"
    )
    assert spoken(text) == [
        "The plan.",
        "buy milk.",
        "eat, drink.",
        "1, one thing.",
        "2, two things?",
        "said so.",
        "City, Size.",
        "Rome, big. Very.",
        "Done",
    ]


def test_code_blocks_are_shown_line_by_line_and_never_spoken() -> None:
    text = "Try this:\n\n````python\nprint('Hi. You.')\n```\n\n````\nThen run it."
    assert split(text) == [
        Clause("Try this:\n\n", "Try this:"),
        Clause("````python\n", ""),
        Clause("print('Hi. You.')\n", ""),
        Clause("```\n", ""),
        Clause("\n", ""),
        Clause("````\n", ""),
        Clause("Then run it.", "Then run it."),
    ]


def test_a_wrapped_paragraph_goes_on_over_the_line_break() -> None:
    assert texts("Yes. The quick brown fox jumps over the lazy\ndog today.\nshort\nlines") == [
        "Yes. ",
        "The quick brown fox jumps over the lazy\ndog today.\n",
        "short\n",
        "lines",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith of the U.S. Army", "Dr Smith of the US Army"),
        ("tools, e.g. a saw, vs. none at 5 p.m.", "tools, for example a saw, versus none at 5 PM."),
        ("from 5 a.m. to (i.e., until) 6 p.m., Sept. 3", "from 5 AM to (that is, until) 6 PM, September 3"),
        ("10 / 4 is 2.5. Is x > 3.", "10 / 4 is 2.5. Is x > 3."),
        ("No. 5 costs $1,000.50 at 10:30", "number 5 costs $1,000.50 at 10:30"),
        ("see https://www.example.com/a/b?c=d.", "see example dot com."),
        ("see example.org/a or http://127.0.0.1:8080/x", "see example dot org or link"),
        ('[the docs](https://a.io/b_(c) "t") and ![a cat](c.png)', "the docs and a cat"),
        ("half a [link](https://exa", "half a link"),
        ("write to me.too@example.com!", "write to me dot too at example dot com!"),
        ("Great 😀! 👨‍👩‍👧 Yes 🇩🇪.", "Great! Yes."),
        ("**a** _b_ ***c*** ~~d~~ `e` un**real** f_g 2*3 2 * 3", "a b c d e unreal f g 2*3 2 * 3"),
        ("**bold that goes on", "bold that goes on"),
        ("A → B, <b>c</b> &amp; \\*d", "A, B, c & *d"),
        ("```\ncode\n```\nafter", "after"),
        ("C# and C++ at 20 °C, 50 %", "C# and C++ at 20 °C, 50 %"),
        ("€", "€"),
        ("*** --- 😀 |", ""),
        ("", ""),
    ],
)
def test_speakable(text: str, expected: str) -> None:
    assert speakable(text) == expected


def test_other_languages_keep_their_own_words_for_dot_and_at() -> None:
    assert speakable("Siehe https://www.beispiel.de/x bei Dr. Ott", "de") == "Siehe beispiel.de bei Dr Ott"


PIECES = st.sampled_from(
    [
        *"a.,;:!?-—*_`#|>[]()\"'1 \n\t。，好é😀",
        *(
            "Dr.",
            " U.S.",
            " The",
            "e.g.",
            "p.m.",
            "3.14",
            "10:30",
            "```\n",
            "~~~",
            "\n- ",
            "\n1. ",
            "\n\n",
            "](",
            "http://a.b",
        ),
        *(" and ", " because ", " word", "Word ", " long enough words", "| a | b |\n", "# H\n", "..."),
    ]
)
TEXT = st.lists(PIECES, max_size=120).map("".join)


@given(TEXT | st.text(), st.lists(st.integers(0, 400), max_size=30))
def test_clauses_do_not_depend_on_how_the_text_was_divided(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    splitter = ClauseSplitter()
    parts = [clause for a, b in pairwise(edges) for clause in splitter.feed(text[a:b])]
    by_character = ClauseSplitter()
    single = [clause for character in text for clause in by_character.feed(character)]
    assert parts + splitter.flush() == split(text)
    assert single + by_character.flush() == split(text)


@given(TEXT | st.text())
def test_no_character_is_lost(text: str) -> None:
    clauses = split(text)
    assert "".join(clause.text for clause in clauses) == text
    assert all(0 < len(clause.text) <= LONGEST_CLAUSE for clause in clauses[:-1])


@pytest.mark.parametrize("piece", ["a", "word ", "a, ", " ", "[", "](", "a.b.", "\n", "```\n", "> ", "好"])
def test_a_hundred_thousand_characters_without_a_pause_stay_bounded(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    clauses = split(text)
    assert "".join(clause.text for clause in clauses) == text
    assert max(len(clause.text) for clause in clauses) <= LONGEST_CLAUSE
    assert len(clauses) >= 100_000 // LONGEST_CLAUSE


def test_a_forced_cut_falls_between_words() -> None:
    clauses = texts("word " * 1000)
    assert all(text.endswith("word ") for text in clauses)
