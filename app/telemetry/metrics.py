"""What is counted and measured, for Prometheus. A registry an app, so that several apps in one process stay apart.

No label is ever a brand, a profile or anything else that a sender chooses: each has a short list of values.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from platform import python_version
from typing import Protocol

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client import Counter as Total

from app.domain.figures import Figures

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each, which nobody asks for

OTHER = "other"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)


class Evidence(Protocol):
    """What came in, as far as it is counted."""

    @property
    def source(self) -> str: ...


class Metrics:
    """The metrics of one app. The methods are called on the hot path: a few microseconds each."""

    def __init__(self, sources: Iterable[str], version: str) -> None:
        """`sources` are those told apart; any other name, which senders choose freely, is `other`."""
        self.registry = registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=registry)
        self._sources = frozenset(sources)
        self._batch = Histogram("constintel_batch_events", "Events stored in one transaction", buckets=SIZES, registry=registry)
        self._commit = Histogram(
            "constintel_transaction_seconds", "From taking a batch to its commit (stored), or to the error named", ["result"],
            buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._outcomes = Total("constintel_events", "Events and imports answered", ["outcome", "source"], registry=registry)
        self._refusals = Total("constintel_refusals", "Requests refused, by HTTP status", ["status"], registry=registry)
        self._queries = Total("constintel_cypher_queries", "Queries at the Cypher door", ["result"], registry=registry)
        self._requests = Histogram(
            "constintel_request_seconds", "From the request's head to the end of its answer", ["method", "route"],
            buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._waiting = Gauge("constintel_waiting_deliveries", "Deliveries that wait for a transaction", registry=registry)
        self._up = Gauge("constintel_neo4j_up", "Whether Neo4j answered just now", registry=registry)
        self._lag = Gauge(
            "constintel_stream_lag_rows", "Events that wait for a position in streams that are read; counted up to a bound",
            registry=registry,
        )  # fmt: skip
        build = Gauge("constintel_build_info", "What runs here", ["version", "python"], registry=registry)
        build.labels(version, python_version()).set(1)
        self._stored = self._commit.labels("stored")
        self._by_route: dict[tuple[str, str], Histogram] = {}
        self._process, self._began = uuid.uuid4().hex[:8], datetime.now(UTC)

    # -- the batcher's observer

    def stored(self, evidence: Sequence[Evidence], answers: Sequence[object], seconds: float) -> None:
        self._batch.observe(len(evidence))
        self._stored.observe(seconds)
        pairs = zip(evidence, answers, strict=True)
        counted = Counter((getattr(answer, "outcome", "refused"), one.source) for one, answer in pairs)
        for (outcome, source), count in counted.items():
            self._outcomes.labels(outcome, source if source in self._sources else OTHER).inc(count)

    def failed(self, error: Exception, seconds: float) -> None:
        self._commit.labels(type(error).__name__).observe(seconds)

    # -- requests

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is the template that matched, never the path."""
        key = (method if method in METHODS else OTHER, route)
        histogram = self._by_route.get(key)
        if histogram is None:
            histogram = self._by_route[key] = self._requests.labels(*key)
        histogram.observe(seconds)
        if status >= 400:
            self._refusals.labels(status).inc()

    def asked(self, result: str) -> None:
        """A query at the Cypher door: `answered`, or the name of the error."""
        self._queries.labels(result).inc()

    # -- what is looked up when somebody asks

    def watch_waiting(self, waiting: Callable[[], int]) -> None:
        self._waiting.set_function(waiting)

    def set_graph(self, up: bool, lag: int | None) -> None:
        """Whether the graph answers; `lag` None when it could not be counted, which leaves the last count."""
        self._up.set(up)
        if lag is not None:
            self._lag.set(lag)

    def figures(self) -> Figures:
        """The same counts, for people."""
        outcomes: Counter[str] = Counter()
        refusals, transactions, stored_s, waiting = 0, 0, 0.0, 0
        for family in self.registry.collect():
            for sample in family.samples:
                match sample.name, sample.labels:
                    case "constintel_events_total", {"outcome": outcome}:
                        outcomes[outcome] += int(sample.value)
                    case "constintel_refusals_total", _:
                        refusals += int(sample.value)
                    case "constintel_transaction_seconds_count", {"result": "stored"}:
                        transactions = int(sample.value)
                    case "constintel_transaction_seconds_sum", {"result": "stored"}:
                        stored_s = sample.value
                    case "constintel_waiting_deliveries", _:
                        waiting = int(sample.value)
        return Figures(self._process, self._began, outcomes, transactions, stored_s, refusals, waiting)

    def text(self) -> bytes:
        """The exposition format, version 0.0.4."""
        return generate_latest(self.registry)
