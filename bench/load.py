"""The load generator, run as a process of its own: `python -m bench.load --url URL --connections 32 --seconds 10`.

Closed loop: each connection sends its next order when the one before it was answered. Prints one JSON line; what was
acknowledged goes to `--acked FILE`, one `event_id amount-in-minor-units` a line, for the verification afterwards.
"""

import argparse
import asyncio
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import aiohttp
import orjson
import uvloop

from bench.bodies import Customers, Order, Orders
from bench.report import quantile

HEADERS = {"x-shopify-topic": "orders/create", "content-type": "application/json"}
PATH = "/api/integrations/shopify/webhook"
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement. Latencies are milliseconds; `acked` counts warm-up too, `events` does not."""

    events: int
    events_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    acked: int
    failed: int
    failures: list[str]


@dataclass(slots=True)
class Run:
    """What one run has seen so far."""

    session: aiohttp.ClientSession
    url: str
    brand: str
    orders: Orders
    latencies: list[float] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def for_a_while(self, connections: int, seconds: float, *, counted: bool) -> float:
        """Keeps every connection busy; the seconds it really took."""
        began = time.perf_counter()
        end = began + seconds

        async def connection() -> None:
            while time.perf_counter() < end:
                took = await self._send(self.orders.next())
                if counted and took is not None:
                    self.latencies.append(took)

        await asyncio.gather(*(connection() for _ in range(connections)))
        return time.perf_counter() - began

    async def _send(self, order: Order) -> float | None:
        began = time.perf_counter()
        try:
            async with self.session.post(self.url, data=order.body, headers={**HEADERS, "x-brand-id": self.brand}) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.failures.append(repr(error)[:300])
            return None
        took = time.perf_counter() - began
        if answer.status != 200:
            self.failures.append(f"{answer.status} {body[:300].decode(errors='replace')}")
            return None
        self.answers.append((order.minor, body))
        return took


async def load(arguments: argparse.Namespace) -> Measured:
    connector = aiohttp.TCPConnector(limit=arguments.connections)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        run = Run(session, arguments.url + PATH, arguments.brand, Orders(arguments.run, arguments.repeat, among=arguments.among))
        if arguments.warm:
            await run.for_a_while(arguments.connections, arguments.warm, counted=False)
        took = await run.for_a_while(arguments.connections, arguments.seconds, counted=True)
    if arguments.acked is not None:
        write_acked(arguments.acked, run.answers)
    return measured(run, took)


def measured(run: Run, took: float) -> Measured:
    ordered = sorted(run.latencies) or [0.0]
    p50_ms, p95_ms, p99_ms = (round(quantile(ordered, share) * 1000, 2) for share in (0.50, 0.95, 0.99))
    return Measured(
        events=len(run.latencies),
        events_per_s=round(len(run.latencies) / took, 1),
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
        acked=len(run.answers),
        failed=len(run.failures),
        failures=run.failures[:3],
    )


def write_acked(path: Path, answers: list[tuple[int, bytes]]) -> None:
    """Every order is one event, so the first event of an answer is the order's."""
    with path.open("a", encoding="ascii") as file:
        for minor, body in answers:
            file.write(f"{orjson.loads(body)['data']['events'][0]['event_id']} {minor}\n")


def customers(text: str) -> Customers:
    """`99:2000`: the first 2,000 customers of run 99. Raises ValueError."""
    run, _, count = text.partition(":")
    return Customers(int(run), int(count))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--warm", type=float, default=2.0)
    parser.add_argument("--run", type=int, default=0, help="0 to 99; two runs share no customer and no order")
    parser.add_argument("--brand", default="bench")
    parser.add_argument("--repeat", type=float, default=0.5, help="share of the orders that known customers make")
    parser.add_argument("--among", type=customers, metavar="RUN:COUNT", help="who the known ones are: an earlier run's first")
    parser.add_argument("--acked", type=Path)
    result = uvloop.run(load(parser.parse_args()))
    sys.stdout.write(orjson.dumps(asdict(result)).decode() + "\n")
    return 1 if result.failed else 0


if __name__ == "__main__":
    sys.exit(main())
