"""What a disk that fails for a while does to an agenda: nothing that was set or changed is lost on the way."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.brain.agenda.clocks import Deadline
from assistant.brain.agenda.entry import Entry, Kind
from assistant.brain.agenda.shelf import MemoryShelf, Unwritable
from assistant.brain.agenda.sturdy import SturdyShelf

TEA = Entry(0, Kind.TIMER, "tea", duration_s=60, deadline=Deadline("boot", 60.0, 60.0))


class Disk(MemoryShelf):
    """Works while ``works``, and takes nothing while it is ``full``."""

    def __init__(self) -> None:
        super().__init__()
        self.works, self.full = True, False

    def entries(self) -> Sequence[Entry]:
        self._ask()
        return super().entries()

    def changed(self) -> bool:
        self._ask()
        return False

    def add(self, entry: Entry) -> Entry:
        self._ask(write=True)
        return super().add(entry)

    def change(self, entry: Entry) -> Entry | None:
        self._ask(write=True)
        return super().change(entry)

    def remove(self, entry_id: int) -> bool:
        self._ask(write=True)
        return super().remove(entry_id)

    def claim(self, entry: Entry, now_s: float, until_s: float) -> bool:
        self._ask()
        return super().claim(entry, now_s, until_s)

    def _ask(self, *, write: bool = False) -> None:
        if not self.works or (write and self.full):
            raise Unwritable("the disk is away")


def test_what_changed_without_the_disk_may_change_again_with_it() -> None:
    disk = Disk()
    shelf = SturdyShelf(disk, lambda _: None)
    tea = shelf.add(TEA)
    assert [each.paused for each in shelf.entries()] == [False]
    disk.works = False
    paused = shelf.change(replace(tea, left_s=30.0, deadline=None))
    assert paused is not None
    assert [each.paused for each in shelf.entries()] == [True]
    disk.works = True
    assert shelf.change(replace(paused, left_s=None, deadline=TEA.deadline)) is not None
    assert shelf.changed()
    assert [each.paused for each in shelf.entries()] == [False], "it would never ring"


def test_what_was_removed_with_the_disk_back_is_gone() -> None:
    disk = Disk()
    shelf = SturdyShelf(disk, lambda _: None)
    tea = shelf.add(TEA)
    disk.works = False
    assert shelf.remove(tea.id) is False, "it was never looked at"
    disk.works = True
    assert shelf.remove(tea.id)
    assert shelf.changed()
    assert shelf.entries() == []


def test_of_each_spell_of_trouble_one_hears_once() -> None:
    disk, heard = Disk(), list[str]()
    shelf = SturdyShelf(disk, heard.append)
    for works in (False, False, True, False):
        disk.works = works
        shelf.changed()
        shelf.entries()
    assert heard == ["the disk is away"] * 2


def test_without_the_disk_changes_show_at_once_and_what_rings_is_ours() -> None:
    disk = Disk()
    shelf = SturdyShelf(disk, lambda _: None)
    tea = shelf.add(TEA)
    shelf.entries()
    disk.works = False
    assert shelf.claim(tea, 0.0, 60.0), "twice is better than never"
    assert shelf.remove(tea.id)
    assert not shelf.remove(tea.id)
    assert shelf.entries() == []
    kept = shelf.add(TEA)
    assert kept.id < 0
    disk.works = True
    assert shelf.changed()
    assert [each.id for each in shelf.entries()] == [kept.id]


def test_on_a_full_disk_changes_show_as_well() -> None:
    disk = Disk()
    shelf = SturdyShelf(disk, lambda _: None)
    tea = shelf.add(TEA)
    shelf.entries()
    disk.full = True
    assert shelf.change(replace(tea, left_s=30.0, deadline=None)) is not None
    assert shelf.changed()
    assert [each.paused for each in shelf.entries()] == [True]
    assert not shelf.changed()
