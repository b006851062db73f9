"""What a scenario is made of: steps over HTTP, and checks of what they led to."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.calling import data_of, of_brand
from app.domain.errors import ConstIntelError
from app.graph.queries import query

TRIES = 10  # of one call, while the service says that it is busy: a minute, in which a busy machine's Neo4j gets warm
LONGEST_WAIT_S = 10.0


class ScenarioFailed(ConstIntelError):
    """The service answered a step with an error, so there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Near:
    """A figure that a trained model comes near to: within `by` of `value`, or within that share of it when `relative`."""

    value: float
    by: float
    relative: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int | float) and abs(other - self.value) <= self.by * (self.value if self.relative else 1)

    __hash__ = None  # type: ignore[assignment]  # no two of one class

    def __str__(self) -> str:
        return f"{self.value:g} +-{self.by:.0%}" if self.relative else f"{self.value:g} +-{self.by:g}"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table."""

    what: str
    expected: object
    actual: object

    @property
    def holds(self) -> bool:
        return bool(self.expected == self.actual)


@dataclass(slots=True)
class Stage:
    """A running service seen as one brand. `alone` says that the brand holds this one scenario only."""

    http: httpx.Client
    brand: str
    alone: bool
    checks: list[Check] = field(default_factory=list)
    pause: Callable[[float], None] = time.sleep

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        named = {**of_brand(self.brand), **{name.encode(): value.encode() for name, value in (headers or {}).items()}}
        return self._data(self._answer(self.http.build_request("POST", path, json=body, headers=named)))

    def get(self, path: str, **parameters: str) -> Any:
        return self._data(self._answer(self.http.build_request("GET", path, params=parameters, headers=of_brand(self.brand))))

    def event(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Sends one delivery and gives the answer to its last event."""
        events: list[dict[str, Any]] = self.post(path, body, headers)["events"]
        return events[-1]

    def check(self, what: str, expected: object, actual: object) -> None:
        self.checks.append(Check(what, expected, actual))

    def job(self, name: str, as_of: str) -> None:
        """Runs a job with its clock at a moment of the story."""
        self.post(f"/api/jobs/{name}/run", {"as_of": as_of})

    def learnt(self, whole: Mapping[str, Any], before: str, segment: str, churn: float, worth: float) -> None:
        """Checks a 360's segment and scores; `before` begins each line. The tolerances are the contract's."""
        scores = whole["predictions"] or {}
        self.check(f"{before}segment", segment, scores.get("segment"))
        self.check(f"{before}churn", Near(churn, 0.10), scores.get("churn_score"))
        self.check(f"{before}predicted LTV", Near(worth, 0.35, relative=True), scores.get("predicted_ltv"))

    def travelled(self, whole: Mapping[str, Any], before: str, stage: str, score: float) -> None:
        """Checks a 360's journey."""
        journey = whole["journey"] or {}
        self.check(f"{before}journey stage", stage, journey.get("stage"))
        self.check(f"{before}journey score", Near(score, 8), journey.get("score"))

    def automated(self, whole: Mapping[str, Any], name: str, channel: str, until: str) -> None:
        """Checks that one automation, and only this, has written to a person by a moment of the story."""
        done = [one for one in whole["automation_executions"] if one["as_of"] <= until]
        self.check("automations", [(name, "executed")], [(one["automation_name"], one["status"]) for one in done])
        ours = {one["execution_id"] for one in done}
        sent = [one for one in whole["campaign_executions"] if one["execution_id"] in ours]
        self.check("messages", [(channel, "sent")], [(one["channel"], one["status"]) for one in sent])

    def counts(self, **expected: int) -> None:
        """Nodes of each label in the brand, by a query of the cookbook's. Only where the brand holds nothing else."""
        if not self.alone:
            return
        found = dict(self.post("/api/cypher", {"query": query("cookbook/kinds_of_nodes")})["rows"])
        for label, count in expected.items():
            self.check(f"(:{label}) nodes", count, found.get(label, 0))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        """The answer; a service that is busy and says for how long, or whose time for a query is over (it was planned
        meanwhile), is asked again, `TRIES` times in all."""
        response = self.http.send(request)
        for _ in range(TRIES - 1):
            if response.status_code == 503 and "retry-after" in response.headers:
                self.pause(seconds(response.headers["retry-after"]))
            elif not _out_of_time(response):
                break
            response = self.http.send(request)
        return response

    def _data(self, response: httpx.Response) -> Any:
        try:
            return data_of(response)
        except ConstIntelError as error:
            raise ScenarioFailed(f"{response.request.method} {response.request.url.path}: {error.detail}") from error


def _out_of_time(response: httpx.Response) -> bool:
    return response.status_code == 422 and bool(response.json().get("limit") == "time")


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
