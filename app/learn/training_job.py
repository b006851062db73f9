"""The job `training`: a brand's own models are taught on its past and tried on its latest days; who wins scores from then on."""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.money import major
from app.domain.progress import Progress
from app.graph.driver import Graph
from app.graph.rows import DAY_MS, millis
from app.learn.registry import Trained, champion, keep, promote

if TYPE_CHECKING:
    from app.learn.boosted import Boosted
    from app.learn.classic import Classic
    from app.learn.contest import Verdict
    from app.learn.purchases import History
    from app.learn.scoring import Champion


HORIZON = 30  # days that are held out, and that churn looks ahead
SEED = 41
PAGE = 1_000
MOST_CUSTOMERS = 50_000  # by profile id, which is as good as by chance
MOST_ENTRIES = 500  # of one customer, the latest


@dataclass(frozen=True, slots=True)
class Past:
    """What a brand's customers did: their histories, the hash of these, and their window (epoch milliseconds)."""

    histories: "list[History]"
    digest: str
    window: tuple[int, int]


async def train(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """`{customers, trained, promoted, champion}`: trains on everything but the last 30 days before `as_of`, which judge.

    Too few customers (100 for BG/NBD, 1,000 for trees) train nothing, and the starter goes on.
    """
    at = millis(as_of)
    past = await _past(graph, brand_id, at, progress)
    progress({"customers": len(past.histories)})
    current = await champion(graph, brand_id)
    before, kept, promoted = current.version, 0, list[str]()
    for model, verdict in await asyncio.to_thread(_contested, past, current, at):
        trained = _to_keep(past, model, verdict, before)
        await keep(graph, brand_id, trained)
        kept += 1
        if verdict.promoted:
            await promote(graph, brand_id, trained.model_id)
            promoted.append(trained.model_id)
            before = trained.model_id
    return {
        "customers": len(past.histories),
        "trained": kept,
        "promoted": promoted,
        "champion": before,
    }


async def _past(graph: Graph, brand_id: str, at: int, progress: Progress) -> Past:
    from app.learn.purchases import History

    after, histories, digest, window = "", list[History](), hashlib.sha256(), (at, at)
    while len(histories) < MOST_CUSTOMERS:
        page = await graph.read("learn/histories", brand_id=brand_id, after=after, limit=PAGE, at=at, most=MOST_ENTRIES)
        for row in page:
            if row["orders"]:
                digest.update(repr((row["profile_id"], row["orders"], row["others"])).encode())
                window = min(window[0], row["orders"][-1][0]), at
                days = [moment / DAY_MS for moment, *_ in row["orders"]]
                values = [_money(minor, currency, row["currency"]) for _, minor, currency in row["orders"]]
                histories.append(History(days, values, [moment / DAY_MS for moment in row["others"]]))
        progress({"customers": len(histories)})
        if len(page) < PAGE:
            break
        after = page[-1]["profile_id"]
    return Past(histories, digest.hexdigest(), window)


def _money(minor: int | None, currency: str | None, brands: str) -> float:
    """In the brand's currency; an order in another counts as one of 0."""
    return major(minor, brands) if minor is not None and currency == brands else 0.0


def _contested(past: Past, current: "Champion", at: int) -> "list[tuple[Classic | Boosted, Verdict]]":
    """The candidates, each with what came of it against whoever was the champion by then."""
    from app.learn.contest import contest, held_out
    from app.learn.own import train as candidates
    from app.learn.purchases import Histories

    if not past.histories:
        return []
    flat = Histories.of(past.histories)
    cut = at / DAY_MS - HORIZON
    holdout = held_out(flat, cut, HORIZON)
    best: Any = current.model
    found = []
    for candidate in candidates(flat, cut, SEED, HORIZON):
        verdict = contest(best, candidate, holdout)
        named = replace(candidate, version=f"{candidate.kind}-{past.digest[:12]}")
        found.append((named, verdict))
        best = named if verdict.promoted else best
    return found


def _to_keep(past: Past, model: "Classic | Boosted", verdict: "Verdict", parent: str) -> Trained:
    import numpy
    import scipy
    import sklearn
    import xgboost

    from app.learn.contest import card
    from app.learn.model import to_json

    libraries = {one.__name__: one.__version__ for one in (numpy, scipy, sklearn, xgboost)}
    facts = {
        "Customers": len(past.histories),
        "Seed": SEED,
        "Data": f"SHA-256 {past.digest}",
        "Libraries": ", ".join(f"{name} {number}" for name, number in libraries.items()),
        "Took the place of" if verdict.promoted else "Tried against": parent,
    }
    return Trained(
        model_id=model.version,
        parent_id=parent,
        kind=model.kind,
        horizon=model.horizon,
        seed=SEED,
        customers=len(past.histories),
        data_hash=past.digest,
        window=past.window,
        libraries=libraries,
        metrics=verdict.metrics,
        reasons=verdict.reasons,
        card=card(model, verdict, facts),
        model=to_json(model),
    )
