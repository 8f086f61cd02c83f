"""What each panel makes of the events."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from assistant.events import (
    EngineLoading,
    FrontEndChanged,
    MutedChanged,
    Notice,
    PrivacyChanged,
    ReplyDucked,
    ReplyPaused,
    ReplyResumed,
    TurnCommitted,
    TurnEnded,
    UpgradeEnded,
    UpgradeProgress,
    Wasted,
)
from assistant.tui.app import TalkApp
from assistant.tui.panels.conversation import MAX_TURNS, Conversation, TurnView
from assistant.tui.panels.engines import EngineRow
from assistant.tui.panels.latency import LatencyPanel
from assistant.tui.panels.levels import Meter, bar
from assistant.tui.panels.notices import MAX_NOTICES, NoticeLine
from assistant.tui.panels.privacy import PrivacyLine
from assistant.tui.panels.prompt import HOLD, SPEAK, TYPE, Prompt
from assistant.tui.panels.upgrade import UpgradeLine, in_words, time_in_words
from assistant.tui.theme import DARK, LIGHT, suited
from tests.tui.fakes import (
    DAMAGED,
    DEAF_SESSION,
    DOWNLOADING,
    LOADING,
    NO_MICROPHONE,
    OFFERED,
    SESSION,
    began,
    clause,
    ear,
    ended,
    entered,
    final,
    fired,
    front_end,
    levels,
    on_screen,
    partial,
    settle,
    show,
    turn,
)


def texts(app: TalkApp) -> list[tuple[str, str]]:
    """What was said and answered in each turn on the screen."""
    return [
        (view.exchange.said_content().plain, view.exchange.reply_content().plain)
        for view in app.query(TurnView)
        if view.is_attached
    ]


def notice(number: int) -> Notice:
    return Notice(at_s=0.0, level="info", code="n", stage="app", message=f"number {number}", hint="")


# The conversation


def test_partial_words_become_final_and_the_answer_grows() -> None:
    seen: list[list[tuple[str, str]]] = []

    async def act(pilot: Pilot[None]) -> None:
        for event in (
            *began(1),
            partial(1, "what"),
            partial(1, "what time"),
            final(1, "what time is it"),
            clause(1, 0, "It is ten "),
            clause(1, 1, "past four."),
        ):
            await show(pilot, event)
            seen.append(texts(pilot.app))  # type: ignore[arg-type]

    on_screen(act)

    assert seen == [
        [],
        [("what …", "")],
        [("what time …", "")],
        [("what time is it", "")],
        [("what time is it", "It is ten")],
        [("what time is it", "It is ten past four.")],
    ]


def test_an_answer_that_is_spoken_over_says_that_it_waits_and_why_it_goes_on() -> None:
    seen: list[str] = []

    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, *began(1), final(1, "count"), clause(1, 0, "One."))
        for event in (
            ReplyDucked(at_s=0.0, turn_id=1),
            ReplyPaused(at_s=0.0, turn_id=1),
            ReplyResumed(at_s=0.0, turn_id=1, reason="backchannel", cues=("“okay”",), paused_s=0.5),
            ended(1, "count", "One."),
        ):
            await show(pilot, event)
            seen.append(texts(pilot.app)[0][1])  # type: ignore[arg-type]

    on_screen(act)

    assert seen == ["One.", "One. ‹waits: you are speaking›", "One. ‹goes on: backchannel, “okay”›", "One."]


def test_a_turn_that_was_nothing_leaves_no_trace() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, *began(1), partial(1, "hm"), ended(1, "", "", outcome="nothing"))
        await show(pilot, *began(2), ended(2, "", "", outcome="nothing"))
        assert texts(pilot.app) == []  # type: ignore[arg-type]
        assert pilot.app.query_one("#welcome").display

    on_screen(act)


def test_a_turn_that_is_continued_gives_way_to_the_one_with_all_its_words() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, *began(1), final(1, "set a timer"), ended(1, "set a timer", "", outcome="continued"))
        assert texts(pilot.app) == [("set a timer …", "")]  # type: ignore[arg-type]
        await show(pilot, *began(2), final(2, "set a timer for one minute", replaces=1))
        assert texts(pilot.app) == [("set a timer for one minute", "")]  # type: ignore[arg-type]

    on_screen(act)


def test_a_replaced_turn_stays_if_some_of_its_answer_was_heard() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, *began(1), final(1, "set a timer"))
        await show(pilot, ended(1, "set a timer", "For how long?", outcome="interrupted", heard="For"))
        await show(pilot, *began(2), final(2, "set a timer for one minute", replaces=1))
        assert texts(pilot.app) == [  # type: ignore[arg-type]
            ("set a timer", "For ‹interrupted› how long?"),
            ("set a timer for one minute", ""),
        ]

    on_screen(act)


def test_a_timer_is_announced_by_its_name() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, *began(1, "timer"), fired(1, "pasta"), clause(1, 0, "Your pasta timer is up."))
        assert texts(pilot.app) == [("pasta timer", "Your pasta timer is up.")]  # type: ignore[arg-type]

    on_screen(act)


def test_a_turn_whose_beginning_was_lost_is_shown_from_its_end() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, ended(7, "what time is it", "It is ten."))
        assert texts(pilot.app) == [("what time is it", "It is ten.")]  # type: ignore[arg-type]

    on_screen(act)


def test_only_the_last_turns_are_kept() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(
            pilot, *(event for number in range(MAX_TURNS + 5) for event in turn(number, f"question {number}", "yes"))
        )
        assert [said for said, _ in texts(pilot.app)] == [  # type: ignore[arg-type]
            f"question {number}" for number in range(5, MAX_TURNS + 5)
        ]

    on_screen(act)


def test_it_follows_the_newest_words_except_while_the_user_looks_back() -> None:
    async def act(pilot: Pilot[None]) -> None:
        conversation = pilot.app.query_one(Conversation)
        await show(pilot, *(event for number in range(30) for event in turn(number, f"question {number}", "yes")))
        assert conversation.scroll_offset.y == conversation.max_scroll_y > 0

        await pilot.press("pageup")
        await settle(pilot)
        await pilot.wait_for_scheduled_animations()
        looking_at = conversation.scroll_offset.y
        await show(pilot, *turn(30, "question 30", "yes"))
        assert conversation.scroll_offset.y == looking_at < conversation.max_scroll_y

        await pilot.press("h", "enter")
        await settle(pilot)
        await show(pilot, *turn(31, "h", "yes"))
        assert conversation.scroll_offset.y == conversation.max_scroll_y

    on_screen(act)


# The state of things


def test_exactly_the_current_state_is_lit() -> None:
    async def act(pilot: Pilot[None]) -> None:
        assert [label.id for label in pilot.app.query("#state .-current")] == ["state-idle"]
        await show(pilot, entered(1, "idle", "listening"))
        assert [label.id for label in pilot.app.query("#state .-current")] == ["state-listening"]

    on_screen(act)


def test_an_engine_loads_fails_and_gives_way_to_the_next() -> None:
    states: list[tuple[str, str]] = []

    async def act(pilot: Pilot[None]) -> None:
        row = pilot.app.query_one("#engine-stt", EngineRow)
        for event in (*LOADING, DAMAGED, EngineLoading(at_s=0.0, stage="stt", engine="pocketsphinx")):
            await show(pilot, event)
            states.append((row.engine, row.status))

    on_screen(act)

    assert states == [
        ("faster-whisper", "loading"),
        ("faster-whisper", "loading"),
        ("faster-whisper", "loading"),
        ("faster-whisper", "failed"),
        ("pocketsphinx", "loading"),
    ]


def test_what_hears_the_end_of_a_turn_is_shown_where_there_is_one() -> None:
    async def act(pilot: Pilot[None]) -> None:
        row = pilot.app.query_one("#engine-turn", EngineRow)
        assert not row.display
        await show(pilot, EngineLoading(at_s=0.0, stage="turn", engine="smart-turn"))
        assert (row.display, row.engine, row.status) == (True, "smart-turn", "loading")

    on_screen(act)


def test_a_turn_that_was_never_spoken_keeps_the_last_latency() -> None:
    async def act(pilot: Pilot[None]) -> None:
        panel = pilot.app.query_one(LatencyPanel)
        await show(pilot, *turn(1, "what time is it", "It is ten."))
        assert panel.first_sample_s == 0.42

    on_screen(act)


def test_why_an_answer_came_when_it_did_and_what_was_in_vain_are_shown() -> None:
    async def act(pilot: Pilot[None]) -> None:
        committed = TurnCommitted(at_s=1.0, turn_id=1, silence_s=0.224, wait_s=0.2, cues=("complete command",))
        last = ended(1, "what time is it", "It is ten.")
        assert isinstance(last, TurnEnded)
        await show(pilot, *began(1, "voice"), committed, replace(last, wasted=Wasted(engine_s=0.75)))
        panel = pilot.app.query_one(LatencyPanel)
        pilot.app.screen.add_class("-wide")
        assert panel.render().plain.splitlines() == [
            "answered in 0.42 s",
            "heard: complete command",
            "ahead in vain 0.8 s",
        ]
        pilot.app.screen.remove_class("-wide")
        assert panel.render().plain == "answered in 0.42 s"

    on_screen(act)


def test_meters_show_levels_mute_and_a_missing_microphone() -> None:
    async def act(pilot: Pilot[None]) -> None:
        microphone, speaker = (pilot.app.query_one(f"#{name}", Meter) for name in ("microphone", "speaker"))
        await show(pilot, SESSION, levels(-20.0, -30.0))
        assert (microphone.level_dbfs, speaker.level_dbfs, microphone.word) == (-20.0, -30.0, "")
        await show(pilot, MutedChanged(at_s=0.0, muted=True))
        assert microphone.word == "muted"
        await show(pilot, MutedChanged(at_s=0.0, muted=False))
        assert microphone.word == ""
        await show(pilot, DEAF_SESSION)
        assert (microphone.word, speaker.word) == ("none", "none")

    on_screen(act)


@pytest.mark.parametrize(
    ("level_dbfs", "drawn"), [(-120.0, ""), (-60.0, ""), (-30.0, "██"), (0.0, "████"), (9.0, "████")]
)
def test_a_bar_spans_sixty_decibels(level_dbfs: float, drawn: str) -> None:
    assert bar(level_dbfs, 4) == drawn


@given(st.floats(-200, 50), st.floats(-200, 50), st.integers(0, 200))
def test_a_louder_sound_has_no_shorter_bar(one_dbfs: float, other_dbfs: float, cells: int) -> None:
    quiet, loud = sorted((one_dbfs, other_dbfs))

    assert len(bar(quiet, cells)) <= len(bar(loud, cells)) <= cells


# Notices and the prompt


def test_notices_are_bounded_newest_first_and_dismissed_one_by_one() -> None:
    async def act(pilot: Pilot[None]) -> None:
        def shown() -> list[str]:
            return [line.notice.message for line in pilot.app.query(NoticeLine)]

        await show(pilot, *(notice(number) for number in range(MAX_NOTICES + 2)))
        assert shown() == ["number 4", "number 3", "number 2"]
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert shown() == ["number 3", "number 2"]
        await pilot.click(NoticeLine)
        await settle(pilot)
        assert shown() == ["number 2"]
        await pilot.press("ctrl+l", "ctrl+l")
        await settle(pilot)
        assert shown() == []

    on_screen(act)


def test_the_same_notice_again_is_counted() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, NO_MICROPHONE, NO_MICROPHONE)
        (line,) = pilot.app.query(NoticeLine)
        assert "(×2)" in str(line.render())

    on_screen(act)


def test_brackets_in_a_notice_are_text() -> None:
    async def act(pilot: Pilot[None]) -> None:
        odd = Notice(at_s=0.0, level="error", code="x", stage="app", message="[/] bad [tag", hint="[red]")
        await show(pilot, odd)
        assert "[/] bad [tag — [red]" in str(pilot.app.query_one(NoticeLine).render())

    on_screen(act)


def test_the_prompt_says_when_speaking_is_of_no_use() -> None:
    async def act(pilot: Pilot[None]) -> None:
        prompt = pilot.app.query_one(Prompt)
        assert prompt.placeholder == SPEAK
        await show(pilot, MutedChanged(at_s=0.0, muted=True))
        assert (prompt.placeholder, prompt.border_title) == (TYPE, "muted")
        await show(pilot, MutedChanged(at_s=0.0, muted=False))
        assert (prompt.placeholder, prompt.border_title) == (SPEAK, "")
        await show(pilot, DEAF_SESSION, MutedChanged(at_s=0.0, muted=False))
        assert prompt.placeholder == TYPE

    on_screen(act)


@pytest.mark.parametrize(
    ("mode", "is_open", "title", "placeholder"),
    [
        ("open", True, "● open microphone", SPEAK),
        ("wake", False, "○ wake word", "Say “okay nabu”, or type here"),
        ("wake", True, "● wake word · listening", SPEAK),
        ("push", False, "○ push to talk", HOLD),
        ("push", True, "● push to talk · listening", SPEAK),
    ],
)
def test_the_prompt_says_who_listens(mode: str, is_open: bool, title: str, placeholder: str) -> None:
    async def act(pilot: Pilot[None]) -> None:
        prompt = pilot.app.query_one(Prompt)
        await show(pilot, ear(mode, is_open=is_open))
        assert (prompt.border_title, prompt.placeholder) == (title, placeholder)
        assert prompt.has_class("-listening") is is_open
        await show(pilot, MutedChanged(at_s=0.0, muted=True))
        assert (prompt.border_title, prompt.placeholder) == ("muted", TYPE)
        assert not prompt.has_class("-listening")

    on_screen(act)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (front_end(), "echo removal on"),
        (front_end("unheard", gain_db=None), "no echo to remove"),
        (front_end("headset"), "echo removal off (headset)"),
        (front_end("off", noise=True), "echo removal off · noise suppressor on"),
        (front_end(noise=True, gain_db=12), "echo removal on · noise suppressor on · microphone made louder"),
    ],
)
def test_the_prompt_says_what_is_done_to_the_sound(event: FrontEndChanged, words: str) -> None:
    async def act(pilot: Pilot[None]) -> None:
        prompt = pilot.app.query_one(Prompt)
        assert not prompt.border_subtitle
        await show(pilot, SESSION, event)
        assert prompt.border_subtitle == words
        await show(pilot, MutedChanged(at_s=0.0, muted=True))
        assert prompt.border_subtitle == "", "nothing is heard"

    on_screen(act)


def test_the_words_of_a_turn_are_never_markup() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, *turn(1, "[bold]what[/]", "\x1b[31m[/nothing]"))
        assert str(pilot.app.query_one(TurnView).render()) == "▌ [bold]what[/]\n  [31m[/nothing]"

    on_screen(act)


@pytest.mark.parametrize(
    ("value", "theme"), [("15;0", DARK), ("0;15", LIGHT), ("0;default;15", LIGHT), ("", DARK), ("nonsense", DARK)]
)
def test_the_palette_suits_the_terminal(value: str, theme: object) -> None:
    assert suited({"COLORFGBG": value}) is theme


# Privacy


def test_a_line_says_that_nothing_is_kept_while_that_is_so() -> None:
    seen: list[bool] = []
    said: list[str] = []

    async def act(pilot: Pilot[None]) -> None:
        line = pilot.app.query_one(PrivacyLine)
        seen.append(bool(line.display))
        for private in (True, False):
            await show(pilot, PrivacyChanged(at_s=1.0, private=private))
            seen.append(bool(line.display))
        for for_good in (False, True):
            await show(pilot, PrivacyChanged(at_s=1.0, private=True, for_good=for_good))
            said.append(str(line.content))

    on_screen(act, size=(120, 30))
    assert seen == [False, True, False]
    assert ["you can remember again" in words for words in said] == [True, False]


# Better models


def test_an_offer_is_followed_until_its_models_answer() -> None:
    seen: list[str] = []
    done = UpgradeEnded(at_s=3.0, installed=True)

    async def act(pilot: Pilot[None]) -> None:
        line = pilot.app.query_one(UpgradeLine)
        for event in (OFFERED, DOWNLOADING, done, *began(1)):
            await show(pilot, event)
            seen.append(line.text.plain if line.display else "")

    on_screen(act, size=(120, 30))
    assert seen == [
        "^d download better models for this machine (laptop, 1.3 GB)"
        " — faster-whisper-base.en, qwen2.5-1.5b-instruct-q4_k_m",
        "━━━━━━━━━━━━━━━━━━━━ 34% of 1.3 GB, 2 min left — the embedded engines answer meanwhile",
        "The new models are here and answer from your next words on.",
        "",
    ]


def test_a_download_that_failed_leaves_its_notice_alone() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, OFFERED, DOWNLOADING, UpgradeEnded(at_s=3.0, installed=False))
        assert not pilot.app.query_one(UpgradeLine).display

    on_screen(act)


def test_progress_past_its_size_stays_within_the_bar() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, UpgradeProgress(at_s=1.0, received=7, size=0, left_s=None))
        assert pilot.app.query_one(UpgradeLine).text.plain.startswith("━" * 20 + " 100%")

    on_screen(act)


def test_sizes_and_times_are_told_in_words() -> None:
    assert [in_words(size) for size in (1, 62_500_000, 1_949_000_000)] == ["1 MB", "62 MB", "1.9 GB"]
    assert [time_in_words(seconds) for seconds in (0.2, 89.0, 600.0)] == ["0 s", "89 s", "10 min"]
