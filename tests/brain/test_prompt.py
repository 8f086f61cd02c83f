from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.prompt import CUT, Prompt, shorten, window
from assistant.brain.protocols import Exchange


def talk(count: int, size: int = 40) -> list[Exchange]:
    return [Exchange(f"{n} ".ljust(size, "q"), f"{n} ".ljust(size, "a")) for n in range(count)]


def test_system_first_history_in_turn_and_the_facts_before_the_newest_words() -> None:
    messages = Prompt("Be brief.").messages("what now", [Exchange("hi", "Hello!")], "It is noon.")
    assert [(message.role, message.content) for message in messages] == [
        ("system", "Be brief."),
        ("user", "hi"),
        ("assistant", "Hello!"),
        ("user", "(It is noon.)\n\nwhat now"),
    ]


def test_exchanges_without_an_answer_are_left_out_so_that_roles_alternate() -> None:
    messages = Prompt("s").messages("c", [Exchange("a", ""), Exchange("b", "B")])
    assert [message.role for message in messages] == ["system", "user", "assistant", "user"]


def test_the_beginning_of_the_prompt_changes_rarely_as_the_talk_goes_on() -> None:
    prompt = Prompt("s", context_tokens=1024, max_tokens=100)
    changes = 0
    before = prompt.messages("q", [])[:1]
    for length in range(1, 200):
        now = prompt.messages("q", talk(length))[:-1]
        changes += now[: len(before)] != before
        before = now
    assert 0 < changes < 30


@given(st.integers(0, 300), st.integers(0, 20_000))
def test_the_window_fits_and_is_the_newest_part(count: int, limit: int) -> None:
    history = talk(count)
    kept = list(window(history, limit))
    assert kept == history[len(history) - len(kept) :]
    assert sum(len(exchange.user) + len(exchange.assistant) for exchange in kept) <= limit


@given(st.integers(0, 40), st.integers(0, 100_000), st.integers(512, 8192))
def test_the_whole_prompt_fits_its_context(count: int, text_size: int, context_tokens: int) -> None:
    messages = Prompt("s" * 200, context_tokens=context_tokens, max_tokens=100).messages("x" * text_size, talk(count))
    assert sum(len(message.content) for message in messages) <= (context_tokens - 100) * 3


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = "question first " + "x" * 100_000 + " or question last"
    short = shorten(text, 1000)
    assert len(short) <= 1000
    assert short.startswith("question first")
    assert short.endswith("question last")
    assert shorten("short", 1000) == "short"


def test_no_more_of_a_long_talk_is_shown_than_asked_for() -> None:
    messages = Prompt("s", context_tokens=100_000, history_tokens=100).messages("q", talk(50))
    assert 0 < sum(len(message.content) for message in messages[1:-1]) <= 300
    assert len(Prompt("s", history_tokens=0).messages("q", talk(50))) == 2


def test_an_answer_that_was_cut_off_is_followed_by_word_of_it() -> None:
    history = [Exchange("count", "One, two,", "three."), Exchange("again", "One", complete=False), Exchange("a", "b")]
    messages = Prompt("s").messages("c", history)
    assert [message.content for message in messages[1:]] == [
        "count", "One, two,", f"{CUT}again", "One", f"{CUT}a", "b", "c",
    ]  # fmt: skip
    assert Prompt("s").messages("c", history[:1])[-1].content == f"{CUT}c"


def test_what_is_remembered_stands_behind_the_words_that_it_depends_on() -> None:
    newest = Prompt("Be brief.").messages("what now", [], "It is noon.", "You like tea.")[-1]
    assert newest.content == "(It is noon.)\n\nwhat now\n\n(You like tea.)"
