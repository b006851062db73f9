"""What a scenario is made of: steps over HTTP, and checks of what they led to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.domain.errors import ConstIntelError

PENDING = "pending"


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

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        return self._data(self.http.post(path, json=body, headers={"x-brand-id": self.brand, **(headers or {})}))

    def get(self, path: str, **parameters: str) -> Any:
        return self._data(self.http.get(path, params=parameters, headers={"x-brand-id": self.brand}))

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

    def _data(self, response: httpx.Response) -> Any:
        if response.is_error:
            raise ScenarioFailed(
                f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:500]}"
            )
        return response.json()["data"]


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario: its title, and what plays it and notes its checks. Playing it twice in one brand changes nothing."""

    title: str
    play: Callable[[Stage], None]
