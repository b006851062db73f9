"""What a scenario is made of: steps over HTTP, and checks of what they led to."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.domain.errors import ConstIntelError

PENDING = "pending"
TRIES = 4  # of one call, while the service says that it is busy
LONGEST_WAIT_S = 10.0


class ScenarioFailed(ConstIntelError):
    """The service answered a step with an error, so there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table. `expected` None means: a later part of the product fills this, print `pending`."""

    what: str
    expected: object
    actual: object = None

    @property
    def is_pending(self) -> bool:
        return self.expected is PENDING

    @property
    def holds(self) -> bool:
        return self.is_pending or self.expected == self.actual


@dataclass(slots=True)
class Stage:
    """A running service seen as one brand. `alone` says that the brand holds this one scenario only."""

    http: httpx.Client
    brand: str
    alone: bool
    checks: list[Check] = field(default_factory=list)
    pause: Callable[[float], None] = time.sleep

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        named = {"x-brand-id": self.brand, **(headers or {})}
        return self._data(self._answer(self.http.build_request("POST", path, json=body, headers=named)))

    def get(self, path: str, **parameters: str) -> Any:
        named = {"x-brand-id": self.brand}
        return self._data(self._answer(self.http.build_request("GET", path, params=parameters, headers=named)))

    def event(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Sends one delivery and gives the answer to its last event."""
        events: list[dict[str, Any]] = self.post(path, body, headers)["events"]
        return events[-1]

    def check(self, what: str, expected: object, actual: object = None) -> None:
        self.checks.append(Check(what, expected, actual))

    def pending(self, *whats: str) -> None:
        for what in whats:
            self.check(what, PENDING)

    def counts(self, **expected: int) -> None:
        """Nodes of each label in the brand. Only where the brand holds nothing else."""
        if not self.alone:
            return
        for label, count in expected.items():
            self.check(f"(:{label}) nodes", count, self.count(label))

    def count(self, label: str) -> int:
        statement = {"query": "MATCH (n) WHERE $label IN labels(n) AND n.brand_id = $brand RETURN count(n)"}
        rows = self.post("/api/cypher", {**statement, "parameters": {"label": label}})["rows"]
        return int(rows[0][0])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        """The answer; a service that is busy and says for how long is asked again, `TRIES` times in all."""
        response = self.http.send(request)
        for _ in range(TRIES - 1):
            if response.status_code != 503 or "retry-after" not in response.headers:
                break
            self.pause(seconds(response.headers["retry-after"]))
            response = self.http.send(request)
        return response

    def _data(self, response: httpx.Response) -> Any:
        if response.is_error:
            raise ScenarioFailed(
                f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:500]}"
            )
        return response.json()["data"]


def seconds(retry_after: str) -> float:
    """How long to wait by a Retry-After header: at most `LONGEST_WAIT_S`, a second when it names no number."""
    if not retry_after.removeprefix("-").isdecimal():
        return 1.0
    return min(max(float(retry_after), 0.0), LONGEST_WAIT_S)


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario: its title, and what plays it and notes its checks. Playing it twice in one brand changes nothing."""

    title: str
    play: Callable[[Stage], None]
