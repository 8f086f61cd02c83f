"""Shopping lists, to-do lists, any other, and notes, which are a list too."""

import re
from collections.abc import Sequence
from functools import partial

from assistant.brain.durations import listed
from assistant.brain.lists import NOTES, Item
from assistant.brain.persons import turned
from assistant.brain.skill import Context, Reply, Undo, kept, skill
from assistant.brain.text import tokenize
from assistant.brain.wording import as_written

SHOPPING = "shopping"
CLEAR_MANY = "Shall I take {total} things off your {name} list?"
ARTICLES = frozenset("a an the some my".split())  # noqa: SIM905


@skill
def add_to_list(context: Context, items: str, list_name: str = SHOPPING) -> str | Reply:
    """Add something to a list of the user's: the shopping list, the to do list or any other."""
    language, texts = context.language, _texts(context, items)
    if not texts:
        return language.say("What shall I add?")
    name = named(list_name)
    told = language.listed([_told(context, each) for each in texts])
    text = language.say("Okay, {items} on the {name} list.", items=told, name=language.say(name))
    return Reply(text, do=partial(_add, context, name, texts))


@skill
def read_list(context: Context, list_name: str = SHOPPING) -> str | Reply:
    """Read a list: the shopping list, the to do list or any other."""
    name = named(list_name)
    items = context.lists.items(name)
    if not items:
        return _empty(context, name)
    lead = "{total} things are on your {name} list: " if len(items) > 3 else "On your {name} list: "
    lead = context.language.say(lead, total=len(items), name=context.language.say(name))
    return context.pages.reply([_told(context, item.text) for item in items], lead, context.language)


@skill(offered=False)
def list_lists(context: Context) -> str:
    """Say which lists there are."""
    names = [name for name in context.lists.names() if name != NOTES]
    return (
        f"There is something on your {listed(names)} list{'s' * (len(names) > 1)}."
        if names
        else "Your lists are empty."
    )


@skill
def remove_from_list(context: Context, items: str, list_name: str = "") -> str | Reply:
    """Take something off a list, because it is done, bought or not wanted."""
    name = named(list_name) if list_name else None
    kept = [item for item in context.lists.items(name) if item.list_name != NOTES]
    language, wanted = context.language, _texts(context, items)
    found = [(text, _find(kept, text)) for text in wanted]
    gone = [item for _, item in found if item is not None]
    if not gone:
        missing = _told(context, language.listed(wanted)) or "that"
        where = "I can't find {items} on the {name} list." if name else "I can't find {items} on any list."
        return language.say(where, items=missing, name=language.say(name or ""))
    text = language.say(
        "Okay, {items} off the list.", items=language.listed([_told(context, item.text) for item in gone])
    )
    return Reply(text, do=partial(_remove, context, gone))


@skill(offered=False, confirm=True)
def clear_list(context: Context, list_name: str = SHOPPING) -> str | Reply:
    """Take everything off a list."""
    name = named(list_name)
    items = context.lists.items(name)
    if not items:
        return _empty(context, name)
    language, spoken = context.language, context.language.say(name)
    text = language.say("Your {name} list is empty now.", name=spoken)
    question = "Shall I take {total} thing off your {name} list?" if len(items) == 1 else CLEAR_MANY
    question = language.say(question, total=len(items), name=spoken)
    return Reply(text, do=partial(_remove, context, items), question=question)


@skill
def take_note(context: Context, note: str) -> str | Reply:
    """Write a note down."""
    text = as_written(context.text, tokenize(note), note).strip()
    if not text:
        return note_what()
    return Reply(f"Noted: {_told(context, text)}.", do=partial(_add, context, NOTES, [text]))


@skill(offered=False)
def note_what() -> str:
    return "What shall I note? Say, for example: take a note, the key is under the mat."


@skill
def read_notes(context: Context) -> str | Reply:
    """Read the user's notes, the newest first."""
    notes = context.lists.items(NOTES)
    if not notes:
        return "You have no notes."
    lead = "Your note: " if len(notes) == 1 else f"You have {len(notes)} notes: "
    return context.pages.reply([_told(context, note.text) for note in reversed(notes)], lead)


@skill(offered=False)
def delete_last_note(context: Context) -> str | Reply:
    """Delete the newest note."""
    notes = context.lists.items(NOTES)
    if not notes:
        return "You have no notes."
    return Reply(f"The note is deleted: {_told(context, notes[-1].text)}.", do=partial(_remove, context, notes[-1:]))


@skill(offered=False, confirm=True)
def delete_all_notes(context: Context) -> str | Reply:
    """Delete every note."""
    notes = context.lists.items(NOTES)
    if not notes:
        return "You have no notes."
    count = f"{len(notes)} note{'s' * (len(notes) > 1)}"
    return Reply("Your notes are deleted.", do=partial(_remove, context, notes), question=f"Shall I delete {count}?")


def _empty(context: Context, name: str) -> str:
    return context.language.say("Your {name} list is empty.", name=context.language.say(name))


def _texts(context: Context, items: str) -> list[str]:
    """The items as they were written down."""
    language = context.language
    return parts(as_written(context.text, language.tokenize(items), items, language.code), language.joint)


def _told(context: Context, text: str) -> str:
    """The user's words said back: "my" becomes "your", in English."""
    return turned(text) if context.language.code == "en" else text


def named(list_name: str) -> str:
    """``to-do`` and ``todo`` are ``to do``; ``groceries`` and ``grocery`` are ``shopping``."""
    name = " ".join(str(token) for token in tokenize(list_name)).removesuffix(" list")
    return {"todo": "to do", "todos": "to do", "tasks": "to do", "grocery": SHOPPING, "groceries": SHOPPING}.get(
        name, name or SHOPPING
    )


def parts(text: str, joint: str = "and") -> list[str]:
    """``milk, eggs and bread`` are three things."""
    joints = re.compile(rf"\s*(?:,|;|\b{joint}\b)\s*", re.IGNORECASE)
    return [part for each in joints.split(text) if (part := each.strip(" .!?"))]


def _find(items: Sequence[Item], text: str) -> Item | None:
    """The newest of that name, or the only one that has all of its words."""
    wanted = _words(text)
    same = [item for item in items if _words(item.text) == wanted]
    near = [item for item in items if wanted and wanted <= _words(item.text)]
    return same[-1] if same else near[0] if len(near) == 1 else None


def _words(text: str) -> set[str]:
    return {str(token) for token in tokenize(text)} - ARTICLES


def _add(context: Context, list_name: str, texts: Sequence[str]) -> Undo:
    added = kept(lambda: context.lists.add(list_name, texts))
    return partial(context.lists.remove, added)


def _remove(context: Context, items: Sequence[Item]) -> Undo:
    kept(lambda: context.lists.remove(items))
    return partial(context.lists.restore, items)
