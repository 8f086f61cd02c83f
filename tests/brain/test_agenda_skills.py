"""Alarms, reminders, lists and notes, as sentences."""

import pytest

from assistant.brain.agenda.entry import Kind
from assistant.brain.protocols import Exchange
from assistant.brain.skill import Context
from tests.brain.conftest import Ask, Clock


def test_an_alarm_is_set_listed_and_cancelled(ask: Ask) -> None:
    assert ask("wake me up at seven") == "Okay, an alarm for 7 AM tomorrow."
    assert ask("set an alarm for every weekday at half past six") == "Okay, an alarm for 6:30 AM every weekday."
    assert ask("what alarms do i have") == "2 alarms are set: for 7 AM tomorrow and for 6:30 AM every weekday."
    assert ask("cancel my alarm") == "Which one? There are for 7 AM tomorrow and for 6:30 AM every weekday."
    assert ask("cancel the alarm for seven") == "The alarm for 7 AM tomorrow is cancelled."
    assert ask("cancel all alarms") == "The alarm is cancelled."


def test_what_rings_is_stopped_or_snoozed(ask: Ask, context: Context, clock: Clock) -> None:
    assert ask("snooze") == "Nothing rings."
    ask("wake me in one minute")
    clock.now_s += 60
    assert [each.text for each in context.agenda.due() if each.begin()] == ["Your alarm."]
    assert ask("five more minutes") == "Okay, again in 5 minutes."
    clock.now_s += 300
    assert [each.text for each in context.agenda.due() if each.begin()] == ["Your alarm."]
    assert ask("stop") == ""
    assert not context.agenda.ringing


def test_a_reminder_is_written_as_it_was_said(ask: Ask, context: Context) -> None:
    assert ask("Remind me to call Dr. Smith at six.") == "Okay, 6 PM today: call Dr. Smith."
    assert ask("remind me tomorrow morning to call my sister") == "Okay, 9 AM tomorrow: call your sister."
    assert [entry.name for entry in context.agenda.entries()] == ["call Dr. Smith", "call my sister"]
    assert ask("cancel the reminder about my sister") == "The reminder is cancelled: call your sister."
    assert ask("remind me to buy milk").startswith("When shall I remind you?")


def test_what_is_corrected_is_undone(ask: Ask, context: Context) -> None:
    ask("wake me up at seven")
    assert ask("wake me up at seven, no wait at eight", replaces=1) == "Okay, an alarm for 8 AM tomorrow."
    assert len(context.agenda.entries()) == 1


def test_what_is_corrected_as_it_is_said_is_not_part_of_the_task(ask: Ask, context: Context) -> None:
    assert ask("Remind me to call Mum at six, no wait, seven.") == "Okay, 7 PM today: call Mum."
    assert ask("Remind me to call Mum at six. No, at eight.", replaces=1) == "Okay, 8 PM today: call Mum."
    assert ask("wake me at six, no wait, half past seven") == "Okay, an alarm for 7:30 AM tomorrow."
    assert ask("remind me to call mum at six, no wait, what time is it") == "It's 3:20 PM."
    assert [entry.name for entry in context.agenda.entries(Kind.REMINDER)] == ["call Mum"]


@pytest.mark.parametrize("again", ["seven", "at seven", "seven o'clock", "wake me at seven", "make it seven"])
def test_half_of_a_day_that_was_said_stays_when_the_hour_is_corrected(ask: Ask, again: str) -> None:
    assert ask(f"wake me at six p m … no wait, {again}") == "Okay, an alarm for 7 PM today."
    assert ask(f"wake me at six in the evening … no wait, {again} a m") == "Okay, an alarm for 7 AM tomorrow."


def test_what_comes_again_is_said_as_it_was_meant(ask: Ask) -> None:
    assert ask("wake me every other day at seven") == "Okay, an alarm for 7 AM every other day, the next one tomorrow."
    assert ask("remind me every two weeks on Monday to water the plants") == (
        "Okay, 9 AM every other Monday, the next one on Monday: water the plants."
    )
    assert ask("remind me on the first of every month to pay the rent") == (
        "Okay, 9 AM on the 1st of every month: pay the rent."
    )
    assert ask("remind me on the 31st of every month to count").startswith("Okay, 9 AM on the last day of every month")
    assert ask("remind me every year on March 3rd to call Ada") == "Okay, 9 AM every year on March 3rd: call Ada."
    assert ask("remind me every 3 weeks on friday at six to run") == (
        "Okay, 6 PM every 3 weeks on Friday, the next one today: run."
    )
    assert ask("cancel the reminder every other monday") == "The reminder is cancelled: water the plants."
    assert ask("cancel my every other day alarm").startswith("The alarm for 7 AM every other day")


def test_long_lists_are_read_in_parts(ask: Ask) -> None:
    ask("Add milk, eggs and two baguettes to my shopping list")
    ask("put Brie and tea on the shopping list")
    first = "5 things are on your shopping list: milk, eggs, two baguettes and 2 more."
    assert ask("what's on my shopping list") == first
    assert ask("go on", [Exchange("what's on my shopping list", first)]) == "Brie and tea."


def test_an_item_may_begin_with_a_number(ask: Ask) -> None:
    ask("Please add two Baguettes and twenty five eggs to my shopping list")
    assert ask("what's on my shopping list") == "On your shopping list: two Baguettes and twenty five eggs."


def test_what_was_bought_is_off_the_list_and_clearing_it_asks_first(ask: Ask) -> None:
    ask("add milk and eggs to the shopping list")
    assert ask("i've bought milk") == "Okay, milk off the list."
    assert ask("remove tea") == "I can't find tea on any list."
    assert ask("clear the shopping list") == "Shall I take 1 thing off your shopping list?"
    assert ask("yes") == "Your shopping list is empty now."
    assert ask("what's on my shopping list") == "Your shopping list is empty."


def test_a_to_do_list_is_a_list_of_its_own(ask: Ask) -> None:
    assert ask("put call the plumber on my to-do list") == "Okay, call the plumber on the to do list."
    assert ask("what's on my to-do list") == "On your to do list: call the plumber."


def test_notes(ask: Ask) -> None:
    assert ask("Take a note: the key is under the Mat") == "Noted: the key is under the Mat."
    assert ask("read my notes") == "Your note: the key is under the Mat."
    assert ask("delete the last note") == "The note is deleted: the key is under the Mat."


def test_a_timer_is_changed(ask: Ask) -> None:
    ask("set a tea timer for ten minutes")
    assert ask("add five minutes to the tea timer") == "Okay, 15 minutes left on the tea timer."
    assert ask("take 2 minutes off the timer") == "Okay, 13 minutes left on the tea timer."
    assert ask("pause the timer") == "The tea timer is paused, with 13 minutes left."
    assert ask("how much time is left") == "13 minutes left, paused."
    assert ask("resume the timer") == "The tea timer goes on, with 13 minutes left."
