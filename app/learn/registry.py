"""A brand's own models in the graph: which there are, which of them scores, and how that changes. Models are JSON."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from app.domain.cursors import Place
from app.domain.errors import Conflict, NotFound
from app.graph.driver import Graph
from app.graph.listing import Newest
from app.graph.rows import Row, key, millis, moment

if TYPE_CHECKING:
    from app.learn.scoring import Champion

STARTER = "starter"
_STARTERS = re.compile(rf"{STARTER}(-[0-9a-f]+)?")  # or by its version, also one of before
REMEMBERED = 50  # changes of who scores, which can be taken back one by one
MODEL_LIST = Newest("models", "created_at", "model_id")


@dataclass(frozen=True, slots=True)
class Trained:
    """A model to be kept. `window` is that of its data (epoch milliseconds); `parameters` are those of its training."""

    model_id: str
    parent_id: str
    kind: str
    horizon: int
    seed: int
    customers: int
    data_hash: str
    window: tuple[int, int]
    parameters: Mapping[str, object]
    libraries: Mapping[str, str]
    metrics: Mapping[str, object]
    reasons: Sequence[str]
    card: str
    model: str


async def champion(graph: Graph, brand_id: str) -> "Champion":
    """What scores a brand now: its own model, else the starter. Raises ModelMissing when that cannot be loaded."""
    found = await graph.read("learn/champion", brand_id=brand_id)
    return await asyncio.to_thread(loaded, found[0] if found else None)


def loaded(row: Mapping[str, Any] | None) -> "Champion":
    """A brand's own model (`model_id` and `model`), or the starter. Takes a while; raises ModelMissing."""
    # xgboost and scipy take two seconds to import, which the service's start need not wait for.
    from app.learn.model import from_json
    from app.learn.scoring import Champion
    from app.learn.starter.model import load

    if row is None:
        model = load()
        return Champion(model, model.version, STARTER)
    return Champion(from_json(row["model"]), row["model_id"], "own")


async def champion_id(graph: Graph, brand_id: str) -> str:
    """The id of what scores a brand now, without loading it; `starter` where none of its own does."""
    found = await graph.read("learn/champion_id", brand_id=brand_id)
    return str(found[0]["model_id"]) if found else STARTER


def starter_card() -> str:
    """The card of the model of a brand without history."""
    return (Path(__file__).parent / "starter" / "CARD.md").read_text(encoding="utf-8")


def starter() -> Row:
    """The model of a brand without history, as the registry shows models. Raises ModelMissing."""
    from app.learn.starter.model import load

    model = load()
    return {
        "model_id": model.version,
        "parent_id": None,
        "kind": model.kind,
        "source": STARTER,
        "horizon_days": model.horizon,
        "metadata": model.metadata,
        "card": starter_card(),
    }


async def keep(graph: Graph, brand_id: str, trained: Trained) -> None:
    """Keeps a model as a challenger; the same one twice is one."""
    stored = {
        "key": key(brand_id, trained.model_id),
        "brand_id": brand_id,
        "model_id": trained.model_id,
        "parent_id": trained.parent_id,
        "kind": trained.kind,
        "status": "challenger",
        "horizon_days": trained.horizon,
        "seed": trained.seed,
        "customers": trained.customers,
        "data_hash": trained.data_hash,
        "parameters": orjson.dumps(trained.parameters).decode(),
        "libraries": orjson.dumps(trained.libraries).decode(),
        "metrics": orjson.dumps(trained.metrics).decode(),
        "reasons": list(trained.reasons),
        "card": trained.card,
        "model": trained.model,
    }
    begun, ended = trained.window
    now = millis(datetime.now(UTC))
    await graph.change("learn/model_store", plan={"set": stored, "created_at": now, "window_from": begun, "window_to": ended})


def is_starter(model_id: str) -> bool:
    return _STARTERS.fullmatch(model_id) is not None


async def promote(graph: Graph, brand_id: str, model_id: str, instead_of: str | None = None) -> None:
    """Makes a model the one that scores; the starter's version (or `starter`) means none of the brand's own.

    Raises NotFound for a model that the brand has not; Conflict when another one than `instead_of` (if that is given) scores.
    """
    own = not is_starter(model_id)
    if own:
        await model_of(graph, brand_id, model_id)
    plan = {"brand_id": brand_id, "promoted": [key(brand_id, model_id)] if own else [], "starter": STARTER}
    now = {"at": millis(datetime.now(UTC)), "instead_of": instead_of, "remembered": REMEMBERED}
    if not await graph.change("learn/model_promote", plan={**plan, **now}):
        raise _moved()


async def roll_back(graph: Graph, brand_id: str, instead_of: str | None = None) -> None:
    """Back to whom the champion took the place of when it was promoted.

    Raises Conflict when the starter scores, or another one than `instead_of` (if that is given).
    """
    plan = {"brand_id": brand_id, "at": millis(datetime.now(UTC)), "instead_of": instead_of}
    if not await graph.change("learn/model_roll_back", plan=plan):
        if instead_of is not None:
            raise _moved()
        raise Conflict("the starter model scores this brand, and nothing was before it; POST /api/models/{model_id}/promote")


def _moved() -> Conflict:
    return Conflict("another model scores by now: somebody changed it, or a training did; nothing was changed, look at it again")


async def models(graph: Graph, brand_id: str, place: Place, limit: int) -> list[Row]:
    """A brand's own models from behind `place` (epoch milliseconds and id), the newest first."""
    before, after = place
    found = await graph.read("learn/models", brand_id=brand_id, before=before, after=after, limit=limit)
    return [model_view(row["model"]) for row in found]


async def model_of(graph: Graph, brand_id: str, model_id: str) -> Row:
    """One of them, with its card. Raises NotFound."""
    found = await graph.read("learn/model", brand_id=brand_id, model_id=model_id)
    if not found:
        raise NotFound(f"no model {model_id[:80]!r} in this brand; GET /api/models lists them")
    row = found[0]["model"]
    return {**model_view(row), "card": row["card"]}


def model_view(row: Mapping[str, Any]) -> Row:
    """`source` is `own`; `reasons` say why it was promoted, or not; `replaced_id` is whom it took the place of, once promoted."""
    times = {name: moment(row[name]) for name in ("created_at", "promoted_at", "window_from", "window_to")}
    names = (
        "model_id",
        "parent_id",
        "replaced_id",
        "kind",
        "status",
        "horizon_days",
        "seed",
        "customers",
        "data_hash",
        "reasons",
    )
    texts = {name: orjson.loads(row[name]) for name in ("parameters", "libraries", "metrics")}
    return {**{name: row[name] for name in names}, "source": "own", **texts, **times}
