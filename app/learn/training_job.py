"""The job `training`: a brand's own models are taught on its past and tried on its latest days; who wins scores from then on."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from app.domain.errors import ModelMissing
from app.domain.events import ABOUT_ORDERS
from app.domain.progress import Progress
from app.graph.driver import Graph, Rows
from app.graph.pace import pages
from app.graph.rows import DAY_MS, millis
from app.learn.gathering import MOST_ORDERS, MOST_OTHERS, Gathering
from app.learn.portions import Portions
from app.learn.registry import Trained, champion, champion_id, keep, loaded, promote
from app.learn.scores import HORIZON

if TYPE_CHECKING:
    from app.learn.boosted import Boosted
    from app.learn.classic import Classic
    from app.learn.contest import Verdict
    from app.learn.scoring import Champion


PAGE = 1_000  # people looked at in one read
AT_ONCE = 250  # whose histories are read in one go


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that a model is made from. `window` is that of the data, whose end is the clock (epoch milliseconds)."""

    customers: int
    data_hash: str
    window: tuple[int, int]
    parameters: Mapping[str, object]
    libraries: Mapping[str, str]

    def named(self, model: "Classic | Boosted") -> "Classic | Boosted":
        """The model under a name that no other has: whatever it was made from, and what it came to, are in it.

        The same past looked at on another day is another lesson, and must not pass for this one.
        """
        from app.learn.contest import SEED
        from app.learn.model import to_json

        said = [self.customers, self.data_hash, self.window, HORIZON, SEED, self.parameters, self.libraries, to_json(model)]
        digest = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return replace(model, version=f"{model.kind}-{digest[:12]}")


async def train(graph: Graph, brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
    """`{customers, trained, promoted, champion, set_aside}`: trains on all but the last 30 days before `as_of`, which judge.

    Too few customers (100 for BG/NBD, 1,000 for trees) train nothing, and the starter goes on. `set_aside` are people whose
    history alone is more than one transaction bears: it is not learnt from. Raises Conflict when somebody chose another model
    meanwhile, which then goes on.
    """
    at = millis(as_of)
    portions = Portions(graph, AT_ONCE)
    past = await gathered(graph, portions, brand_id, at, progress)
    scorer, current = await champion_id(graph, brand_id), await _current(graph, brand_id)
    lesson, contested = await asyncio.to_thread(_contested, past, current)
    before, promoted = current.version, list[str]()
    for model, verdict in contested:
        trained = _to_keep(lesson, model, verdict, before)
        await keep(graph, brand_id, trained)
        if verdict.promoted:
            await promote(graph, brand_id, trained.model_id, scorer)  # whom it was tried against: an admin's choice since stands
            promoted.append(trained.model_id)
            before = scorer = trained.model_id
    return {
        "customers": len(past),
        "trained": len(contested),
        "promoted": promoted,
        "champion": before,
        **portions.set_aside,
    }


async def _current(graph: Graph, brand_id: str) -> "Champion":
    """Who scores; the starter where that cannot be read, which a new model is to mend."""
    try:
        return await champion(graph, brand_id)
    except ModelMissing:
        return await asyncio.to_thread(loaded, None)


async def gathered(graph: Graph, portions: Portions, brand_id: str, at: int, progress: Progress) -> Gathering:
    """What happened until `at` (epoch milliseconds), of as many people and entries as training takes."""
    past = Gathering(at)

    async def people(after: str, limit: int) -> Rows:
        return await graph.read("learn/people", brand_id=brand_id, after=after, limit=limit)

    async def gather(profile_ids: Sequence[str]) -> int:
        most = {"most_orders": MOST_ORDERS, "most_others": MOST_OTHERS, "not_theirs": sorted(ABOUT_ORDERS)}
        asked = {"brand_id": brand_id, "profiles": list(profile_ids), "at": at, **most}
        for row in await graph.read("learn/histories", asked=asked):
            past.add(row)
        return len(profile_ids)

    async for page in pages(people, PAGE):
        await portions.each([row["profile_id"] for row in page], gather, str)
        progress({"customers": len(past)})
        if past.is_full:
            break
    return past


def _contested(past: Gathering, current: "Champion") -> "tuple[Lesson, list[tuple[Classic | Boosted, Verdict]]]":
    """The candidates, each with what came of it against whoever was the champion by then."""
    from app.learn import own
    from app.learn.contest import SEED, contest, held_out
    from app.learn.purchases import Histories

    lesson = Lesson(len(past), past.digest, past.window, own.SETTINGS, _libraries())
    if not len(past):
        return lesson, []
    flat = Histories.flat(past)
    cut = past.window[1] / DAY_MS - HORIZON
    holdout = held_out(flat, cut, HORIZON)
    best: Any = current.model
    found = []
    for candidate in own.train(flat, cut, SEED, HORIZON):
        verdict = contest(best, candidate, holdout)
        named = lesson.named(candidate)
        found.append((named, verdict))
        best = named if verdict.promoted else best
    return lesson, found


def _libraries() -> dict[str, str]:
    import numpy
    import scipy
    import sklearn
    import xgboost

    return {one.__name__: one.__version__ for one in (numpy, scipy, sklearn, xgboost)}


def _to_keep(lesson: Lesson, model: "Classic | Boosted", verdict: "Verdict", parent: str) -> Trained:
    from app.learn.contest import SEED, card
    from app.learn.model import to_json

    facts = {
        "Customers": lesson.customers,
        "Seed": SEED,
        "Data": f"SHA-256 {lesson.data_hash}",
        "Libraries": ", ".join(f"{name} {number}" for name, number in lesson.libraries.items()),
        "Took the place of" if verdict.promoted else "Tried against": parent,
    }
    return Trained(
        model_id=model.version,
        parent_id=parent,
        kind=model.kind,
        horizon=model.horizon,
        seed=SEED,
        customers=lesson.customers,
        data_hash=lesson.data_hash,
        window=lesson.window,
        parameters=lesson.parameters,
        libraries=lesson.libraries,
        metrics=verdict.metrics,
        reasons=verdict.reasons,
        card=card(model, verdict, facts),
        model=to_json(model),
    )
