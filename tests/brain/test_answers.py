"""Sentences as they are typed and as different recognisers write them, and what is said to them."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.brain.brain import NO_MODEL_SPOKEN
from assistant.brain.protocols import Exchange
from assistant.brain.skills.chance import RANKS, SUITS
from assistant.brain.skills.talk import JOKES
from tests.brain.conftest import Ask, Clock


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What time is it?", "It's 3:20 PM."),
        ("what's the time", "It's 3:20 PM."),
        ("hey computer, could you tell me what time it is please", "It's 3:20 PM."),
        ("tell me the time", "It's 3:20 PM."),
        ("what time is it right now", "It's 3:20 PM."),
        ("What time is it in Tokyo?", "In Tokyo it's 12:20 AM on Saturday."),
        ("what time is it in San Francisco", "In San Francisco it's 7:20 AM."),
        ("what's the time in kathmandu", "In Kathmandu it's 9:05 PM."),
        ("what time is it in South Korea", "In South Korea it's 12:20 AM on Saturday."),
        ("what's the time in england", "In Britain it's 3:20 PM."),
        ("what time is it in the usa", "In New York, United States, it's 10:20 AM; other parts have other times."),
        ("what's the time difference between london and tokyo", "London is 9 hours behind Tokyo."),
        ("how many hours ahead is india", "India is 5 hours and 30 minutes ahead of us."),
        ("what is the time difference to lisbon", "It's the same time in Lisbon and here."),
        ("what's the time in new york", "In New York it's 10:20 AM."),
        ("What's the date?", "It's Friday, November 20th, 2026."),
        ("what is today's date", "It's Friday, November 20th, 2026."),
        ("what's tomorrow's date", "Tomorrow is Saturday, November 21st, 2026."),
        ("What day is it?", "It's Friday."),
        ("what day of the week is it", "It's Friday."),
        ("what day is tomorrow", "Tomorrow is Saturday."),
        ("what day was yesterday", "Yesterday was Thursday."),
        ("what month is it", "It's November."),
        ("what year is it", "It's 2026."),
        ("what week is it", "It's week 47."),
        ("when is easter", "That's Sunday, March 28th, 2027."),
        ("what day is christmas", "That's Friday, December 25th, 2026."),
        ("what day is the third of march", "That's Wednesday, March 3rd, 2027."),
        ("what day of the week was July 4th, 1976?", "That was Sunday, July 4th, 1976."),
        ("what day is the twenty third of may 2027", "That's Sunday, May 23rd, 2027."),
        ("what date is in two weeks", "That's Friday, December 4th, 2026."),
        ("what was the date 3 days ago", "That was Tuesday, November 17th, 2026."),
        ("what's the date next friday", "That's Friday, November 27th, 2026."),
        ("what day is the 30th of february", "I don't know when that is: 30 february."),
        ("How many days until Christmas?", "35 days until Friday, December 25th."),
        ("how many weeks till easter", "18 weeks and 2 days until Sunday, March 28th, 2027."),
        ("how many days since the first of january", "323 days since Thursday, January 1st."),
        ("how long until tuesday", "4 days until Tuesday, November 24th."),
    ],
)
def test_time_and_date(ask: Ask, question: str, answer: str) -> None:
    assert ask(question) == answer


@pytest.mark.parametrize(
    ("hour", "minute", "answer"),
    [
        (0, 0, "midnight"),
        (0, 5, "12:05 AM"),
        (9, 0, "9 AM"),
        (12, 0, "noon"),
        (12, 1, "12:01 PM"),
        (23, 59, "11:59 PM"),
    ],
)
def test_the_corners_of_the_clock(ask: Ask, clock: Clock, hour: int, minute: int, answer: str) -> None:
    clock.wall = datetime(2026, 1, 1, hour, minute, tzinfo=ZoneInfo("UTC"))
    assert ask("what time is it") == f"It's {answer}."


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What's 7 × 6?", "7 times 6 is 42."),
        ("What is 7 times 6?", "7 times 6 is 42."),
        ("what is twelve plus thirty", "12 plus 30 is 42."),
        ("12+30", "12 plus 30 is 42."),
        ("twelve and thirty", "12 plus 30 is 42."),
        ("add twelve and thirty", "12 plus 30 is 42."),
        ("subtract five from seven", "7 minus 5 is 2."),
        ("multiply six by seven", "6 times 7 is 42."),
        ("divide ten by four", "10 divided by 4 is 2.5."),
        ("what is 10 divided by 3", "10 divided by 3 is about 3.33."),
        ("What's 1 divided by 0?", "You can't divide by zero."),
        ("two plus three times four", "2 plus 3 times 4 is 14."),
        ("what is minus five plus three", "Minus 5 plus 3 is minus 2."),
        ("what's fifteen percent of two hundred", "15 percent of 200 is 30."),
        ("20% of 85", "20 percent of 85 is 17."),
        ("what's five squared", "5 squared is 25."),
        ("5³", "5 cubed is 125."),
        ("what is the square root of 144", "The square root of 144 is 12."),
        ("√2", "The square root of 2 is about 1.41."),
        ("2 to the power of 100", "2 to the power of 100 is about 1.27 times 10 to the power of 30."),
        ("9^999999999", "That number is too big for me to say."),
        ("half of fifty", "Half of 50 is 25."),
        ("what's 0.1 + 0.2", "0.1 plus 0.2 is 0.3."),
    ],
)
def test_sums(ask: Ask, question: str, answer: str) -> None:
    assert ask(question) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many ounces in a kilogram?", "1 kilogram is about 35.27 ounces."),
        ("how many ounces are there in two kilograms", "2 kilograms is about 70.55 ounces."),
        ("convert five miles to kilometres", "5 miles is about 8.05 kilometers."),
        ("convert 72°F to °C", "72 degrees Fahrenheit is about 22.22 degrees Celsius."),
        (
            "what is minus forty degrees celsius in fahrenheit",
            "Minus 40 degrees Celsius is minus 40 degrees Fahrenheit.",
        ),
        ("how many seconds are in an hour", "1 hour is 3,600 seconds."),
        ("half a mile in feet", "0.5 miles is 2,640 feet."),
        ("5km in mi", "5 kilometers is about 3.11 miles."),
        ("How far is ten kilometers in miles?", "10 kilometers is about 6.21 miles."),
        ("convert ten litres to kilometres", "I can't turn liters into kilometers."),
    ],
)
def test_units(ask: Ask, question: str, answer: str) -> None:
    assert ask(question) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("set a timer for five minutes", "Okay, 5 minutes."),
        ("Set a timer for an hour and a half.", "Okay, 1 hour and 30 minutes."),
        ("set a timer for 90 seconds", "Okay, 1 minute and 30 seconds."),
        ("timer for half an hour", "Okay, 30 minutes."),
        ("set a five and a half minute timer", "Okay, 5 minutes and 30 seconds."),
        ("set timer for 1 hour, 15 minutes, and 30 seconds", "Okay, 1 hour, 15 minutes and 30 seconds."),
        ("a pasta timer for ten minutes", "Okay, 10 minutes for pasta."),
        ("Start a 5 minute timer called hard boiled egg.", "Okay, 5 minutes for hard boiled egg."),
        ("remind me in a couple of minutes", "Okay, 2 minutes."),
        ("10 min timer", "Okay, 10 minutes."),
        ("set a timer for zero minutes", "A timer can run for one second up to seven days."),
        ("set a timer for nine thousand hours", "A timer can run for one second up to seven days."),
        ("set a timer", "For how long? Say, for example: set a timer for five minutes."),
        ("set an egg timer", "For how long? Say, for example: egg timer for five minutes."),
        ("how long is left", "No timer is running."),
        ("cancel the timer", "No timer is running."),
        ("cancel all timers", "No timer is running."),
        ("list my timers", "No timer is running."),
    ],
)
def test_one_timer(ask: Ask, question: str, answer: str) -> None:
    assert ask(question) == answer


def test_a_kitchen_full_of_timers(ask: Ask, clock: Clock) -> None:
    ask("set a pasta timer for ten minutes")
    assert ask("list my timers") == "One timer is running: pasta, with 10 minutes left."
    clock.now_s += 61
    assert ask("how much time is left") == "8 minutes and 59 seconds left."
    ask("set a timer for two hours")
    ask("start a timer called eggs for three minutes")
    assert ask("what timers do i have") == "3 are running: eggs, pasta and 2 hour. The next one rings in 3 minutes."
    assert ask("how long is left on the pasta timer") == "8 minutes and 59 seconds on the pasta timer."
    assert ask("how long is left on the 2 hour timer") == "2 hours on the 2 hour timer."
    assert ask("cancel the timer") == "Which one? 3 are running: eggs, pasta and 2 hour."
    assert ask("cancel the bread timer") == "There is no such timer. 3 are running: eggs, pasta and 2 hour."
    assert ask("stop the eggs timer") == "The eggs timer is cancelled."
    assert ask("cancel the two hour timer") == "The 2 hour timer is cancelled."
    assert ask("cancel all my timers") == "The timer is cancelled."
    assert ask("list timers") == "No timer is running."


def test_many_timers_are_not_all_read_out_and_their_number_is_bounded(ask: Ask) -> None:
    for minutes in range(1, 33):
        assert ask(f"set a timer for {minutes} minutes") != "There are too many timers already. Cancel one first."
    assert ask("set a timer for an hour") == "There are too many timers already. Cancel one first."
    assert ask("list timers") == (
        "32 are running: 1 minute, 2 minute, 3 minute and 29 more. The next one rings in 1 minute."
    )
    assert ask("cancel all timers") == "All 32 timers are cancelled."


def test_chance_follows_its_generator(ask: Ask) -> None:
    same = random.Random(7)
    assert ask("flip a coin") == same.choice(["Heads.", "Tails."])
    assert ask("roll a die") == f"{same.randint(1, 6)}."
    first, second = same.randint(1, 6), same.randint(1, 6)
    assert ask("roll two dice") == f"{first} and {second}: {first + second} together."
    assert ask("roll 1d20") == f"{same.randint(1, 20)}."
    assert ask("pick a number between ten and twenty") == f"{same.randint(10, 20)}."
    assert ask("a random number from 5 to 1") == f"{same.randint(1, 5)}."
    assert ask("choose between tea and green juice") == f"{same.choice(['Tea', 'Green juice'])}."
    assert ask("pick one of tea, coffee or water") in {"Tea coffee.", "Water."}  # commas are not heard
    same.choice("xy")
    assert ask("shuffle the numbers from 3 to 5") == "{}, {} and {}.".format(*same.sample("345", 3))
    assert ask("draw a card") == f"The {same.choice(RANKS)} of {same.choice(SUITS)}."
    hand = same.choice(["paper", "rock", "scissors"])
    verdict = {"rock": "It's a draw.", "paper": "I win.", "scissors": "You win."}[hand]
    assert ask("rock paper scissors rock") == f"{hand.capitalize()}. {verdict}"
    assert ask("tell me a joke") == same.choice(JOKES)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("roll a thousand dice", "I can roll one to 20 dice."),
        ("roll zero dice", "I can roll one to 20 dice."),
        ("roll a one sided die", "My dice have two to 1000 sides."),
        ("pick a number between 0.5 and 2", "I can only pick between whole numbers that are not too big."),
    ],
)
def test_dice_that_do_not_exist(ask: Ask, question: str, answer: str) -> None:
    assert ask(question) == answer


@pytest.mark.parametrize("text", ["stop", "Stop!", "be quiet", "Never mind.", "nevermind", "cancel", "that's enough"])
def test_a_stop_is_answered_with_silence(ask: Ask, text: str) -> None:
    assert ask(text) == ""


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("who are you?", "I'm Computer, a voice assistant"),
        ("What's your name?", "I'm Computer"),
        ("help", "Ask me for the time"),
        ("what can you do", "Ask me for the time"),
        ("where does my data go?", "I listen while I run"),
        ("Hello!", "Hello!"),
        ("hey", "Hello!"),
        ("how are you", "All is well"),
        ("thank you", "You're welcome."),
        ("okay thanks", "You're welcome."),
        ("goodbye", "Goodbye!"),
        ("see you later", "Goodbye!"),
        ("say that again", "I haven't said anything yet."),
        ("good night", "Good night"),
        ("how old are you", "I have no birthday"),
        ("i'm sorry", "No harm done"),
        ("you're stupid", "I'm sorry"),
    ],
)
def test_small_talk(ask: Ask, question: str, beginning: str) -> None:
    assert ask(question).startswith(beginning)


def test_repeat_gives_the_last_answer_that_was_heard(ask: Ask) -> None:
    history = [Exchange("a", "First."), Exchange("b", "Second."), Exchange("stop", "")]
    assert ask("repeat that", history) == "Second."


@pytest.mark.parametrize(
    "text",
    [
        "what is the capital of france",
        "pause timer for 1 hour",
        "turn off the kitchen lights",
        "what time is it in narnia",
        "what time is it in the novel",
        "",
        "…",
        "timer " * 30,
        "5 + 5 " * 1000,
    ],
)
def test_what_no_intent_understands_gets_an_honest_answer(ask: Ask, text: str) -> None:
    assert ask(text) == NO_MODEL_SPOKEN


def test_go_on_says_the_rest_from_the_word_where_it_was_cut(ask: Ask) -> None:
    cut = Exchange("help", "Ask me for the time or", "the date, a sum.")
    for words in ("go on", "Continue.", "please keep going", "tell me the rest"):
        assert ask(words, [cut]) == "The date, a sum."
    assert ask("go on", [cut, Exchange("stop", "")]) == "The date, a sum."
    assert ask("go on", [cut, Exchange("what time is it", "It's noon.")]) == "There is nothing to go on with."
    assert ask("go on") == "There is nothing to go on with."


@pytest.mark.parametrize("words", ["stop", "wait", "hold on", "Wait a second!", "never mind", "be quiet"])
def test_a_stop_is_answered_by_silence(ask: Ask, words: str) -> None:
    assert ask(words) == ""
