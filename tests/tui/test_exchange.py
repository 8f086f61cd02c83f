"""One turn as words and styles."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.tui.panels.exchange import Exchange, split_heard
from assistant.tui.panels.plain import MAX_CHARACTERS, plain


def styles(exchange: Exchange) -> dict[str, str]:
    """Each stretch of the answer that has a style of its own."""
    content = exchange.reply_content()
    return {content.plain[span.start : span.end]: str(span.style) for span in content.spans}


def test_words_that_may_still_change_are_grey_and_open() -> None:
    content = Exchange("voice", said="what is twelve times").said_content()

    assert content.plain == "what is twelve times …"
    assert [str(span.style) for span in content.spans] == ["italic $quiet"]


def test_final_words_are_bold() -> None:
    content = Exchange("voice", said="what time is it", final=True).said_content()

    assert content.plain == "what time is it"
    assert [str(span.style) for span in content.spans] == ["bold"]


def test_clauses_join_as_they_come() -> None:
    exchange = Exchange("voice", clauses=["It is ten ", "past four."])

    assert exchange.reply_content().plain == "It is ten past four."


def test_an_interruption_strikes_out_what_was_not_heard() -> None:
    exchange = Exchange("voice", outcome="interrupted", reply="It is ten past four.", heard="It is ten")

    assert exchange.reply_content().plain == "It is ten ‹interrupted› past four."
    assert styles(exchange) == {"‹interrupted›": "bold $warning", "past four.": "$quiet strike"}


def test_an_interruption_before_the_first_word_leaves_only_the_mark() -> None:
    assert Exchange("voice", outcome="interrupted").reply_content().plain == "‹interrupted›"


def test_a_failed_turn_says_so() -> None:
    exchange = Exchange("voice", outcome="failed", reply="Sorry.", heard="Sorry.")

    assert exchange.reply_content().plain == "Sorry. ‹failed›"


def test_a_turn_that_goes_on_in_the_next_one_keeps_no_mark() -> None:
    exchange = Exchange("voice", said="set a timer", final=True, outcome="continued")

    assert exchange.reply_content().plain == ""
    assert exchange.said_content().plain == "set a timer …"


def test_words_wrap_behind_their_bar_and_the_answer_under_them() -> None:
    exchange = Exchange("text", said="what time is it", final=True, clauses=["It is ten."])

    assert [line.plain.rstrip() for line in exchange.lines(11)] == ["▌ what time", "▌ is it", "  It is", "  ten."]


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 40))
def test_no_line_is_wider_than_the_screen(said: str, answer: str, width: int) -> None:
    lines = Exchange("voice", said=said, clauses=[answer]).lines(width)

    assert all(line.cell_length <= max(width, 4) for line in lines)


@given(st.text(), st.integers(0, 50))
def test_nothing_of_a_reply_is_lost_or_said_twice(reply: str, words: int) -> None:
    heard = reply[:words]

    said, rest = split_heard(reply, heard)

    assert said == heard
    assert rest == reply[words:].strip()


def test_a_reply_that_does_not_begin_as_heard_is_shown_whole() -> None:
    assert split_heard("It is ten.", "something else") == ("something else", "It is ten.")


@given(st.text(alphabet=st.characters(), max_size=200))
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    assert not [c for c in plain(text) if ord(c) < 32 or 127 <= ord(c) < 160]


def test_escape_sequences_lose_their_escape_and_markup_stays_text() -> None:
    assert plain("\x1b[31mred\x1b[0m [bold]x[/]\nnext") == "[31mred[0m [bold]x[/] next"


def test_endless_text_is_cut() -> None:
    assert len(plain("x" * 100_000)) == MAX_CHARACTERS + 1


def test_what_becomes_of_an_answer_that_is_spoken_over_is_said_behind_it() -> None:
    exchange = Exchange("voice", clauses=["It is ten "], over="‹waits: you are speaking›")

    assert exchange.reply_content().plain == "It is ten ‹waits: you are speaking›"
    assert styles(exchange) == {"‹waits: you are speaking›": "bold $warning"}
