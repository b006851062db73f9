"""Sends chunks of events to a service until each is taken or refused: in parts where one is too much, again where it is busy."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

from app.calling import data_of, of_brand
from app.domain.errors import ConstIntelError

MOST_EVENTS = 1_000  # of one call
MOST_BYTES = 3 * 1024 * 1024
LONGEST_WAIT_S = 30.0
TRIES = 5  # of a chunk that the service does not understand, before it is the service that is wrong
SMALLER_AFTER = 3  # times that a chunk was too much at this moment
OVERLOADED = frozenset({408, 429, 502, 503, 504})

Pause = Callable[[float], object]
Tell = Callable[[str], object]


class ImportStopped(ConstIntelError):
    """The service takes nothing of what is sent, whatever row it is."""


class Taken(NamedTuple):
    """What became of a chunk: how many events by outcome, and why others were refused, by their place in it."""

    outcomes: Counter[str]
    refused: dict[int, str]


@dataclass(slots=True)
class Door:
    """One door of a running service, as one brand, for lists of events. All that goes through it is marked as backfilled.

    `headers` makes those of a body (what signs it). What is in the way for longer is told by `tell`.
    """

    http: httpx.Client
    path: str
    brand: str
    tell: Tell
    headers: Callable[[bytes], Mapping[str, str]] = lambda _: {}
    pause: Pause = time.sleep
    answered: bool = field(default=False, init=False)

    def take(self, events: Sequence[bytes]) -> Taken:
        """Raises ImportStopped, and httpx.HTTPError when nobody answers, and never did."""
        taken = Taken(Counter(), {})
        self._take(events, range(len(events)), taken)
        return taken

    def _take(self, events: Sequence[bytes], places: Sequence[int], taken: Taken) -> None:
        """Notes in `taken` what becomes of the events at `places`."""
        if not places:
            return
        answer = self._post(b"[" + b",".join([events[place] for place in places]) + b"]", alone=len(places) == 1)
        if answer is None or answer.status_code == 413:
            if answer is not None and len(places) == 1:
                taken.refused[places[0]] = _detail(answer)
                return
            half = len(places) // 2
            self._take(events, places[:half], taken)
            self._take(events, places[half:], taken)
        elif answer.status_code == 422:
            wrong = _refused(answer, len(places))
            taken.refused.update({places[index]: why for index, why in wrong.items()})
            self._take(events, [place for index, place in enumerate(places) if index not in wrong], taken)
        else:
            taken.outcomes.update(one["outcome"] for one in data_of(answer)["events"])

    def _post(self, body: bytes, *, alone: bool) -> httpx.Response | None:
        """What the service says of a body, for better or worse; None when it keeps saying that this is too much for now, and a
        smaller one may not be. Raises ImportStopped."""
        headers = {**of_brand(self.brand), b"content-type": b"application/json"}
        headers |= {name.encode(): value.encode() for name, value in self.headers(body).items()}
        tries = 0
        while True:
            answer, why = self._once(body, headers)
            tries += 1
            if answer is not None and answer.status_code in (200, 413, 422):
                return answer
            if answer is not None and answer.status_code not in OVERLOADED and (answer.status_code < 500 or tries >= TRIES):
                raise ImportStopped(f"{answer.status_code} {_detail(answer)}")
            if answer is not None and tries >= SMALLER_AFTER and not alone:
                return None
            wait_s = _wait_s(answer, tries)
            if tries > 1:
                self.tell(f"waiting {wait_s:g} s, then the same rows again: {why}")
            self.pause(wait_s)

    def _once(self, body: bytes, headers: Mapping[bytes, bytes]) -> tuple[httpx.Response | None, str]:
        """The answer, and what is in the way if it is none."""
        try:
            answer = self.http.post(self.path, params={"backfill": "true"}, content=body, headers=headers)
        except httpx.TransportError as error:
            if not self.answered or isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
                raise
            return None, f"the service does not answer ({error or type(error).__name__})"
        self.answered = True
        return answer, "" if answer.is_success else f"{answer.status_code} {_detail(answer)}"


def _wait_s(answer: httpx.Response | None, tries: int) -> float:
    """As long as the service says, else longer each time."""
    said = "" if answer is None else answer.headers.get("retry-after", "")
    grown = min(2.0 ** (tries - 1), LONGEST_WAIT_S)
    return min(float(said), LONGEST_WAIT_S) if said.isdecimal() else grown


def _refused(answer: httpx.Response, count: int) -> dict[int, str]:
    """Why, by the index in the body; of a body of one whatever is said of it is about that one. Raises ImportStopped."""
    found = {one["index"]: str(one["detail"]) for one in _said(answer, "errors", ()) if 0 <= one["index"] < count}
    if not found and count > 1:
        raise ImportStopped(f"422 {_detail(answer)}")
    return found or {0: _detail(answer)}


def _detail(answer: httpx.Response) -> str:
    """What an answer says is wrong, whoever it is that answers."""
    return str(_said(answer, "detail", f"no answer of ConstIntel's: {answer.text[:300] or 'nothing'}"))


def _said(answer: httpx.Response, name: str, otherwise: Any) -> Any:
    """What an answer has by this name; `otherwise`, of whoever else answers."""
    try:
        return answer.json()[name]
    except (ValueError, LookupError, TypeError):
        return otherwise
