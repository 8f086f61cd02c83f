"""How bytes arrive from the hub. The protocol is huggingface_hub's; the patience and the place to go on from are ours.

Its own download into a folder begins again after a break, because every attempt writes a temporary file of its own
(https://github.com/huggingface/huggingface_hub/pull/4228), and it sleeps for as long as a 429 says, cancelled or not.
So addresses, headers with HF_TOKEN, the session with its proxies and offline switch, and the reading of refusals are
its; which bytes to ask for, and when to ask again, is decided here.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from assistant import offline
from assistant.errors import AssistantError, DownloadFailed
from assistant.session.turn import CancelToken
from assistant.store.entries import Entry
from assistant.store.part import Part

TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
"""Answers after which the same request may succeed."""
TRY_AGAIN = "Check the network and try again: what has arrived is kept. Or copy the files into the models folder."


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to bear with a hub. ``stall_s``: silence before a connection counts as broken. ``tries``: in a row
    without a byte. ``backoff_s`` doubles with each. ``longest_wait_s``: a hub that asks for more is not waited for."""

    stall_s: float = 10.0
    tries: int = 5
    backoff_s: float = 1.0
    longest_wait_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the hub says of a file: ``size`` in bytes, or None; ``etag`` is a SHA-256 where the file is big."""

    size: int | None
    etag: str


class _Broken(Exception):
    """A request that may succeed later: ``wait_s`` is what the hub asked for; ``hopeless``: it was never reached."""

    def __init__(self, error: AssistantError, wait_s: float | None = None, hopeless: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.wait_s = wait_s
        self.hopeless = hopeless


def pause(seconds: float, token: CancelToken) -> None:
    """Wait; raises Cancelled at once when the token is cancelled."""
    done = threading.Event()
    forget = token.on_cancel(done.set)
    done.wait(seconds)
    forget()
    token.raise_if_cancelled()


class Hub:
    """Asks one hub; thread-safe. ``endpoint`` is another than Hugging Face's (or HF_ENDPOINT's)."""

    def __init__(
        self,
        endpoint: str = "",
        patience: Patience = Patience(),
        wait: Callable[[float, CancelToken], object] = pause,
    ) -> None:
        offline.lift()
        _be_discreet()
        self._endpoint = endpoint or None
        self._patience = patience
        self._wait = wait

    def look(self, entry: Entry, path: str, token: CancelToken) -> Found:
        """Ask about a file without fetching it. Cancelled after ``stall_s`` at worst. Raises DownloadFailed."""
        found: list[Found] = []
        self._patiently(lambda: found.append(self._look(entry, path)), lambda: 0, token)
        return found[0]

    def fetch(
        self,
        entry: Entry,
        path: str,
        part: Part,
        *,
        size: int | None,
        token: CancelToken,
        report: Callable[[], object],
    ) -> None:
        """Receive what the part lacks; ``report`` hears of every piece. What has no known ``size`` is begun again.

        Cancelled between two pieces, or after ``stall_s`` where none comes. Raises DownloadFailed, OSError.
        """
        if size is None:
            part.restart()

        def receive() -> None:
            for piece in self._pieces(entry, path, part, size):
                token.raise_if_cancelled()
                part.write(piece)
                report()
            if size is not None and part.received != size:
                raise _Broken(_unlike(path, part.received, size))

        if size is None or part.received < size:
            self._patiently(receive, lambda: part.received, token)

    def _patiently(self, work: Callable[[], object], received: Callable[[], int], token: CancelToken) -> None:
        """Try until it works, while there is hope: bytes that arrive renew it."""
        tries, begun = 0, False
        while True:
            token.raise_if_cancelled()
            before = received()
            try:
                work()
                return
            except _Broken as broken:
                tries = 1 if received() > before else tries + 1
                begun = begun or received() > before
                if tries >= self._patience.tries or (broken.hopeless and not begun):
                    raise broken.error from broken.__cause__
                wait_s = self._patience.backoff_s * 2 ** (tries - 1) if broken.wait_s is None else broken.wait_s
                if wait_s > self._patience.longest_wait_s:
                    raise DownloadFailed(
                        f"{broken.error.message}; it asks to wait {wait_s:.0f} s",
                        hint="Try again later: what has arrived is kept.",
                    ) from broken
                self._wait(wait_s, token)

    def _look(self, entry: Entry, path: str) -> Found:
        from huggingface_hub import get_hf_file_metadata

        url = self._url(entry, path)
        try:
            seen = get_hf_file_metadata(url, endpoint=self._endpoint, timeout=self._patience.stall_s)
        except Exception as error:  # the client's errors come from several libraries without a common base
            raise _judged(entry, path, error, answered=_response(error) is not None) from error
        return Found(seen.size, seen.etag or "")

    def _pieces(self, entry: Entry, path: str, part: Part, size: int | None) -> Iterator[bytes]:
        """What the hub sends from where the part ends; the part is emptied if the hub begins at the beginning.

        The redirect to where the bytes lie is followed by the session, which takes the token off for another host.
        """
        from huggingface_hub import get_session
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

        headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
        if part.received:
            headers["Range"] = f"bytes={part.received}-"
        answered = False
        try:
            with get_session().stream(
                "GET", self._url(entry, path), headers=headers, timeout=self._patience.stall_s
            ) as response:
                answered = True
                hf_raise_for_status(response)
                _meet(path, response, part, size)
                yield from response.iter_bytes()
        except AssistantError:
            raise
        except Exception as error:  # as above; what the taker of a piece raises does not come here
            if getattr(_response(error), "status_code", None) == 416:
                part.restart()
                raise _Broken(_unreachable(entry, error)) from error
            raise _judged(entry, path, error, answered) from error

    def _url(self, entry: Entry, path: str) -> str:
        from huggingface_hub import hf_hub_url

        return hf_hub_url(entry.repo, path, revision=entry.revision, endpoint=self._endpoint)


def _be_discreet() -> None:
    """The library would tell the hub which tool runs it, and ask the hub for a list of such tools to know.

    Its switch is an environment variable that it reads once, when it is imported, which may have been long ago.
    """
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = True
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it warns of what is an error here, or is mended


def _meet(path: str, response: Any, part: Part, size: int | None) -> None:
    """Make the part fit what is about to come. Raises DownloadFailed where that is of another size than promised."""
    start, total = 0, response.headers.get("Content-Length")
    if response.status_code == 206:
        matched = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        start, total = (int(matched[1]), matched[2]) if matched else (-1, None)
    if start != part.received:
        part.restart()
    if total is not None and total.isdecimal() and size is not None and int(total) != size:
        raise _unlike(path, int(total), size)
    if start not in (0, part.received):
        raise DownloadFailed(f"the hub sends another part of {path} than was asked for", hint=TRY_AGAIN)


def _unlike(path: str, size: int, promised: int) -> DownloadFailed:
    return DownloadFailed(
        f"{path} is not the file that the catalogue promises: it has {size} bytes, not {promised}",
        hint="Nothing was installed. It was changed at its source: choose another model, or update the assistant.",
    )


def _response(error: Exception) -> Any:
    return getattr(error, "response", None)


def _judged(entry: Entry, path: str, error: Exception, answered: bool) -> Exception:
    """What an error of the client means: an AssistantError where trying again is no use, else _Broken."""
    from huggingface_hub import errors

    response = _response(error)
    status = getattr(response, "status_code", None)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return DownloadFailed(
            f"{entry.id}: HF_HUB_OFFLINE forbids downloads", hint="Unset HF_HUB_OFFLINE and try again."
        )
    missing = isinstance(error, errors.RepositoryNotFoundError) and not isinstance(error, errors.GatedRepoError)
    if missing or status in (404, 410):  # 401 too is what the hub says of a repository that it does not have
        return DownloadFailed(
            f"{entry.id}: the hub has no {path} in {entry.repo} at {entry.revision}",
            hint="It was moved or withdrawn: choose another model, or update the assistant.",
        )
    if status in (401, 403):
        return DownloadFailed(
            f"{entry.id}: {entry.repo} asks for an account",
            hint="Accept its terms on the hub and set HF_TOKEN, or choose another model.",
        )
    if status in TRANSIENT:
        return _Broken(_unreachable(entry, error), _asked_to_wait_s(response))
    if status is not None:
        return DownloadFailed(f"{entry.id}: the hub refuses with {status}", hint=TRY_AGAIN)
    return _Broken(_unreachable(entry, error), hopeless=not answered)


def _unreachable(entry: Entry, error: Exception) -> DownloadFailed:
    status = getattr(_response(error), "status_code", None)
    if status is not None:
        return DownloadFailed(f"{entry.id}: the hub answers with {status}", hint=TRY_AGAIN)
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return DownloadFailed(f"{entry.id}: the hub cannot be reached: {cause}", hint=TRY_AGAIN)


def _asked_to_wait_s(response: Any) -> float | None:
    """Retry-After in seconds, or the hub's own ``RateLimit: "api";r=0;t=55``."""
    after = response.headers.get("Retry-After", "").strip()
    if after.isdecimal():
        return float(after)
    limit = re.search(r"\bt\s*=\s*(\d+)", response.headers.get("RateLimit", ""))
    return float(limit[1]) if limit and response.status_code == 429 else None
