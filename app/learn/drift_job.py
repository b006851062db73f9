"""The job `drift`: whether the people a model scores are still like those of the week before (PSI, number by number)."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from app.domain.progress import Progress
from app.domain.times import END_OF_TIME
from app.graph.driver import Graph
from app.graph.rows import Row, key, millis, moment
from app.learn.registry import champion

Sample = Mapping[str, Sequence[float]]

SAMPLED = 2_000  # people
# People in a bin. Chance alone makes a PSI of about (bins - 1) (1 / people + 1 / people): of 20 in ten bins, .9.
FEWEST = 30
KEPT = 104  # reports: two years of weeks
NUMBERS = ("recency", "tenure", "orders", "spend", "churn")
STEADY, DRIFTED = 0.10, 0.25  # the usual reading of a PSI
VERDICTS = {
    "none": "nothing to compare with yet",
    "few": f"too few people to tell: of fewer than {2 * FEWEST}, chance moves as much",
    "steady": "steady",
    "moved": "moved",
    "drifted": "drifted: train anew",
}


async def drift(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """`{customers, worst, verdict}`: the largest PSI against the report before, null at the first and of too few people."""
    at = millis(as_of)
    found = await graph.read("learn/sample", brand_id=brand_id, limit=SAMPLED)
    sample: Sample = {name: [row[name] for row in found if row[name] is not None] for name in NUMBERS}
    last = await graph.read("learn/drift_last", brand_id=brand_id, before=at)
    psi = await asyncio.to_thread(_psi, orjson.loads(last[0]["sample"]), sample) if last and found else {}
    worst = max(psi.values(), default=None)
    report = {
        "key": key(brand_id, str(at)),
        "brand_id": brand_id,
        "customers": len(found),
        "psi": orjson.dumps(psi).decode(),
        "worst": worst,
        "verdict": VERDICTS["few" if last and not psi else level(worst)],
        "against": last[0]["as_of"] if last else None,
        "model_version": (await champion(graph, brand_id)).version,
        "sample": orjson.dumps(sample).decode(),
    }
    await graph.change("learn/drift_store", plan={"set": report, "as_of": at, "brand_id": brand_id, "keep": KEPT})
    return {"customers": len(found), "worst": worst, "verdict": report["verdict"]}


def level(worst: float | None) -> str:
    """How a PSI is usually read: none (there is none yet), steady, moved or drifted."""
    if worst is None:
        return "none"
    return "steady" if worst < STEADY else "moved" if worst < DRIFTED else "drifted"


async def reports(graph: Graph, brand_id: str, limit: int, before: int = END_OF_TIME) -> list[Row]:
    """Those from before a moment (epoch milliseconds), the newest first; there is one a moment at the most."""
    found = await graph.read("learn/drift", brand_id=brand_id, before=before, limit=limit)
    return [_view(row["report"]) for row in found]


def _view(row: Mapping[str, Any]) -> Row:
    return {**row, "psi": orjson.loads(row["psi"]), "as_of": moment(row["as_of"]), "against": moment(row["against"])}


def _psi(before: Sample, now: Sample) -> dict[str, float]:
    import numpy as np

    from app.learn.measures import BINS, population_stability

    found = {}
    for name in NUMBERS:
        bins = min(BINS, min(len(before[name]), len(now[name])) // FEWEST)
        if bins > 1:
            found[name] = population_stability(np.array(before[name], float), np.array(now[name], float), bins)
    return {name: round(value, 4) for name, value in found.items() if math.isfinite(value)}
