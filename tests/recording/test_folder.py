"""Which recordings there are."""

from assistant.recording.folder import ABOUT, folder_of, recorded


def test_a_recording_is_found_by_the_beginning_of_its_id() -> None:
    for name in ("abcd01", "abcd02", "ef0101"):
        folder_of(name).mkdir(parents=True)
        (folder_of(name) / ABOUT).touch()
    assert {folder.name for folder in recorded("abcd")} == {"abcd01", "abcd02"}
    assert len(recorded()) == 3
