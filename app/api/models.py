"""Models: which there are, how good they are, which of them scores; and why somebody is scored as they are."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.act.jobs import clock_of
from app.api.bodies import JsonRoute, Nothing
from app.api.jobs import JobRun
from app.api.paging import DEFAULT_LIMIT, Brand, Cursor, Limit, answer, page
from app.api.profiles import no_profile
from app.domain.brands import brand_of
from app.domain.cursors import cut, decode_cursor
from app.domain.errors import NotFound
from app.domain.times import END_OF_TIME
from app.graph.driver import Graph
from app.graph.learnt import learnt_of
from app.graph.people import find_profile
from app.graph.rows import Row, millis
from app.learn.drift_job import reports
from app.learn.explanation import explain_prediction
from app.learn.prediction_job import predict_one
from app.learn.registry import MODEL_LIST, STARTER, champion_id, is_starter, model_of, models, promote, roll_back, starter


def models_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["models"])

    @router.get("/api/models", summary="The models of this brand, the newest first, and the starter")
    async def listed(x_brand_id: Brand = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
        """`champion` is the one that scores. The starter scores until one of the brand's own is better on its latest days."""
        brand_id = brand_of(x_brand_id)
        found = await models(graph, brand_id, MODEL_LIST.begin(cursor), limit + 1)
        scorer = await _scorer(graph, brand_id)
        if len(found) <= limit:
            found.append(await _starter(scorer))  # behind all of the brand's own
        shown, following = cut(found, limit, MODEL_LIST.place)
        return answer(shown, next=following, champion=scorer)

    @router.get("/api/models/drift", summary="Whether people are still as they were, week by week")
    async def drift(x_brand_id: Brand = None, limit: Annotated[int, Query(ge=1, le=104)] = 52, cursor: Cursor = None) -> Response:
        """PSI of each number against the report before; below 0.1 steady, above 0.25 drifted."""
        _, before = decode_cursor(cursor, ("drift", END_OF_TIME))
        found = await reports(graph, brand_of(x_brand_id), limit + 1, before)
        return page(found, limit, lambda one: ("drift", millis(one["as_of"])))

    @router.get("/api/models/{model_id}", summary="One model, with its card")
    async def one(model_id: str, x_brand_id: Brand = None) -> Response:
        """`starter` is the one of a brand without history."""
        brand_id = brand_of(x_brand_id)
        if is_starter(model_id):
            return answer(await _starter(await _scorer(graph, brand_id)))
        return answer(await model_of(graph, brand_id, model_id))

    return router


def explanations_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["models"])

    @router.get("/api/profiles/{profile_id}/prediction", summary="Why somebody is scored so")
    async def why(profile_id: str, x_brand_id: Brand = None) -> Response:
        """What each number adds to the log-odds of churn; with `base` they sum to those of the score.

        Of the prediction as it stands, by the model that made it; 409 when that is kept no more, until the person is scored anew.
        """
        brand_id = brand_of(x_brand_id)
        if await find_profile(graph, brand_id, profile_id) is None:
            raise await no_profile(graph, brand_id, profile_id)
        found = await explain_prediction(graph, brand_id, profile_id)
        if found is None:
            raise NotFound(f"{profile_id[:128]!r} has no prediction; its 360 view says why in unscored_because")
        return answer(found)

    return router


def promotions_router(graph: Graph) -> APIRouter:
    router = APIRouter(tags=["models"], route_class=JsonRoute)

    @router.post("/api/profiles/{profile_id}/score", summary="Score one person now")
    async def score(profile_id: str, body: JobRun | None = None, x_brand_id: Brand = None) -> Response:
        """Features, score and journey of this person alone, as `predictions` would give them, with the same clock."""
        brand_id = brand_of(x_brand_id)
        found = await find_profile(graph, brand_id, profile_id)
        if found is None:
            raise await no_profile(graph, brand_id, profile_id)
        await predict_one(graph, brand_id, found["profile_id"], clock_of(body.as_of if body else None))
        return answer(await learnt_of(graph, brand_id, profile_id))

    @router.post("/api/models/roll-back", summary="Back to the model before")
    async def back(body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        """The next `predictions` scores everybody with it."""
        brand_id = brand_of(x_brand_id)
        await roll_back(graph, brand_id)
        return answer({"champion": await _scorer(graph, brand_id)})

    @router.post("/api/models/{model_id}/promote", summary="Make a model the one that scores")
    async def chosen(model_id: str, body: Nothing | None = None, x_brand_id: Brand = None) -> Response:
        """`starter` takes the brand's own models out of service. The next `predictions` scores everybody with it."""
        brand_id = brand_of(x_brand_id)
        await promote(graph, brand_id, model_id)
        return answer({"champion": await _scorer(graph, brand_id)})

    return router


async def _starter(scorer: str) -> Row:
    found = await asyncio.to_thread(starter)
    return {**found, "status": "champion" if scorer == found["model_id"] else "retired"}


async def _scorer(graph: Graph, brand_id: str) -> str:
    """The version of what scores, which need not be readable: whoever is to mend that has to see it."""
    found = await champion_id(graph, brand_id)
    return str((await asyncio.to_thread(starter))["model_id"]) if found == STARTER else found
