"""Models: which there are, how good each is, which one scores, and an admin's change of that."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from app.console.cards import blocks
from app.console.forms import Sent
from app.console.measures import compared, drift_of
from app.console.pages import Pages, segment
from app.console.routes import Brand
from app.domain.cursors import cut
from app.domain.errors import Conflict
from app.graph.driver import Graph
from app.graph.rows import Row
from app.learn.drift_job import DRIFTED, NUMBERS, STEADY, reports
from app.learn.registry import MODEL_LIST, STARTER, champion_id, is_starter, model_of, models, promote, roll_back, starter_card

PAGE = 25
WEEKS = 26  # reports of drift that are drawn

Cursor = Annotated[str, Query(max_length=400)]


def models_router(router: APIRouter, graph: Graph, pages: Pages) -> None:
    @router.get("/console/{brand}/models")
    async def listed(brand: Brand, cursor: Cursor = "", changed: bool = False) -> Response:
        found, scorer, drift = await asyncio.gather(
            models(graph, brand, MODEL_LIST.begin(cursor), PAGE + 1), champion_id(graph, brand), reports(graph, brand, WEEKS)
        )
        shown, following = cut(found, PAGE, MODEL_LIST.place)
        told: dict[str, Any] = {
            "models": [(one, {line.measure.name: line for line in compared(one["metrics"])}) for one in shown],
            "champion": scorer,
            "drift": drift_of(drift),
            "following": following,
        }
        told |= {"numbers": NUMBERS, "steady": STEADY, "drifted": DRIFTED, "changed": changed, "first": not cursor}
        return pages.page("models.html", brand=brand, place="models", **told)

    @router.get("/console/{brand}/models/roll-back")
    async def before(brand: Brand) -> Response:
        """What going back would change; nothing is changed."""
        scorer = await champion_id(graph, brand)
        if scorer == STARTER:
            raise Conflict("the starter model scores this brand, and nothing was before it; promote another from the list")
        now = await model_of(graph, brand, scorer)
        back = await _model(graph, brand, now["replaced_id"] or STARTER)
        return _change(pages, brand, "roll-back", now, back)

    @router.post("/console/{brand}/models/roll-back")
    async def rolled_back(brand: Brand, form: Sent) -> Response:
        await roll_back(graph, brand, form.text("instead_of", 128))
        return RedirectResponse(f"/console/{brand}/models?changed=true", 303)

    _one(router, graph, pages)


def _one(router: APIRouter, graph: Graph, pages: Pages) -> None:
    @router.get("/console/{brand}/models/{model_id}")
    async def model(brand: Brand, model_id: str) -> Response:
        found, scorer = await asyncio.gather(_model(graph, brand, model_id), champion_id(graph, brand))
        told: dict[str, Any] = {
            "model": found,
            "champion": scorer,
            "lines": compared(found["metrics"]),
            "card": blocks(found["card"]),
        }
        return pages.page("model.html", brand=brand, place="models", **told)

    @router.get("/console/{brand}/models/{model_id}/promote")
    async def change(brand: Brand, model_id: str) -> Response:
        """What would change; nothing is changed."""
        new, now = await asyncio.gather(_model(graph, brand, model_id), champion_id(graph, brand))
        if new["model_id"] == now:
            raise Conflict("this model scores already; nothing is to be changed")
        return _change(pages, brand, f"{segment(model_id)}/promote", await _model(graph, brand, now), new)

    @router.post("/console/{brand}/models/{model_id}/promote")
    async def promoted(brand: Brand, model_id: str, form: Sent) -> Response:
        """`instead_of` is who scored when the page was made: it is refused when that is another by now."""
        await promote(graph, brand, model_id, form.text("instead_of", 128))
        return RedirectResponse(f"/console/{brand}/models?changed=true", 303)


def _change(pages: Pages, brand: str, action: str, now: Row, new: Row) -> Response:
    here = f"/console/{brand}/models/{action}"
    told: dict[str, Any] = {"now": now, "new": new, "here": here, "back": action == "roll-back"}
    # Both on the days that the newer one of them was judged by, where it was tried against the other.
    judged = next((one for one in (new, now) if _against(one) == (now if one is new else new)["model_id"]), None)
    return pages.page("model_change.html", brand=brand, place="models", judged=judged, lines=_lines(judged), **told)


def _against(one: Row) -> str | None:
    parent = one["parent_id"]
    return STARTER if parent is not None and is_starter(parent) else parent


def _lines(judged: Row | None) -> list[Any]:
    return compared(judged["metrics"]) if judged else []


async def _model(graph: Graph, brand: str, model_id: str) -> Row:
    """One of the brand's own, or the starter as the registry would show it."""
    if not is_starter(model_id):
        return await model_of(graph, brand, model_id)
    card = await asyncio.to_thread(starter_card)
    return {"model_id": STARTER, "kind": STARTER, "source": STARTER, "parent_id": None, "metrics": {}, "card": card}
