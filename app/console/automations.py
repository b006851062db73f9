"""Automations: which there are and what they did lately, and the page that one is made, changed and tried on."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.act.automations import (
    Automation,
    Channel,
    change_automation,
    create_automation,
    delete_automation,
    find_automation,
    list_automations,
)
from app.act.conditions import MAX_CONDITIONS, OPERATORS
from app.act.foresight import Foresight, Would, foresee, text_for
from app.act.queueing import Rules
from app.console.builder import EMPTY, FIELDS, TRIGGERS, Draft, changed, draft_in, draft_of, first_wrong, proposed
from app.console.forms import Form, Sent
from app.console.pages import Pages, segment, wants_part, words
from app.console.people import name_of
from app.console.routes import Brand
from app.domain.cursors import cut, decode_cursor
from app.domain.errors import BadInput
from app.domain.events import OWN_NAMES
from app.graph.driver import Graph
from app.graph.messages import outcomes
from app.graph.people import find_profile, list_profiles
from app.graph.rows import millis
from app.learn.segments import SEGMENTS

PAGE = 25
LOOK_BACK = timedelta(days=7)
MOST_COUNTED = 10_000  # executions of an automation that its outcomes are counted over
LISTED = 20  # people a preview names
NEW = "new"  # in the place of an id

Cursor = Annotated[str, Query(max_length=400)]
CHOICES: dict[str, Any] = {
    "triggers": TRIGGERS,
    "ways_out": tuple((name, words(name)) for name in get_args(Channel)),
    "operators": OPERATORS,
    "fields": FIELDS,
    "events": sorted(OWN_NAMES),
    "segments": list(dict.fromkeys(one.name for one in SEGMENTS)),
    "most_conditions": MAX_CONDITIONS,
}


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` is what `name` would read; `why_not` says why they would not get it now."""

    foresight: Foresight
    name: str = ""
    text: Would | None = None
    why_not: str = ""

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why others hear nothing, the most frequent first."""
        return Counter(one.reason for one in self.foresight.held).most_common()


def automations_router(router: APIRouter, graph: Graph, pages: Pages, rules: Rules) -> None:
    @router.get("/console/{brand}/automations")
    async def automations(brand: Brand, cursor: Cursor = "", deleted: bool = False) -> Response:
        _, after, last = decode_cursor(cursor or None, ("automations", 0, ""))
        found = await list_automations(graph, brand, (after, last), PAGE + 1)
        shown, following = cut(found, PAGE, lambda one: ("automations", millis(one.created_at), one.automation_id))
        since = millis(datetime.now(UTC) - LOOK_BACK)
        did = await outcomes(graph, brand, [one.automation_id for one in shown], since, MOST_COUNTED)
        told: dict[str, Any] = {"automations": [(one, did[one.automation_id]) for one in shown], "following": following}
        told |= {"triggers": TRIGGERS, "providers": rules.providers, "most": MOST_COUNTED, "deleted": deleted}
        return pages.page("automations.html", brand=brand, place="automations", **told)

    @router.get("/console/{brand}/automations/{automation_id}")
    async def automation(brand: Brand, automation_id: str, saved: bool = False) -> Response:
        if automation_id == NEW:
            return _page(pages, brand, _new(str(uuid.uuid4())), EMPTY, rules)
        found = await find_automation(graph, brand, automation_id)
        return _page(pages, brand, _old(found), draft_of(found), rules, saved=saved)

    _forms(router, graph, pages, rules)


def _forms(router: APIRouter, graph: Graph, pages: Pages, rules: Rules) -> None:
    @router.post("/console/{brand}/automations/{automation_id}/draft")
    async def draft(request: Request, brand: Brand, automation_id: str, form: Sent) -> Response:
        """Another row of conditions, one less, or a preview: nothing is stored."""
        about = _about(automation_id, form)
        whole = changed(draft_in(form), bool(form.text("add")), form.text("remove"))
        shown: dict[str, Any] = {"person": form.text("person"), "added": bool(form.text("add"))}
        if form.text("preview"):
            said, shown["tried"] = proposed(whole), True
            if isinstance(said, dict):
                shown["wrong"] = said
            else:
                shown["preview"] = await _preview(graph, brand, said.automation(about["automation_id"]), rules, form)
        if not wants_part(request):
            return _page(pages, brand, about, whole, rules, **shown)
        part = "part_preview.html" if form.text("preview") else "part_conditions.html"
        return pages.part(part, brand=brand, **_shown(brand, about, whole, rules, **shown))

    @router.post("/console/{brand}/automations/{automation_id}/save")
    async def save(brand: Brand, automation_id: str, form: Sent) -> Response:
        about, whole = _about(automation_id, form), draft_in(form)
        said = proposed(whole)
        if isinstance(said, dict):
            return _page(pages, brand, about, whole, rules, wrong=said, status=422)
        new = said.automation(about["automation_id"])
        if automation_id == NEW:
            await create_automation(graph, brand, new)
        else:
            await change_automation(graph, brand, automation_id, lambda _: new, form.number("version"))
        return RedirectResponse(f"{_here(brand, new.automation_id)}?saved=true", 303)

    @router.post("/console/{brand}/automations/{automation_id}/delete")
    async def delete(brand: Brand, automation_id: str, form: Sent) -> Response:
        await delete_automation(graph, brand, automation_id, form.number("version"))
        return RedirectResponse(f"/console/{brand}/automations?deleted=true", 303)


async def _preview(graph: Graph, brand: str, automation: Automation, rules: Rules, form: Form) -> Preview:
    """For the person that the form names, else for somebody who would be reached, else for anybody."""
    foresight = await foresee(graph, brand, automation, rules)
    told = (*foresight.reached, *foresight.held)
    asked = form.text("person", 128)
    chosen = asked or next((one.person.profile_id for one in told), None)
    if chosen is None:
        anybody = await list_profiles(graph, brand, (), None, "", 1)
        chosen = anybody[0]["profile_id"] if anybody else None
    profile = await find_profile(graph, brand, chosen) if chosen else None
    if profile is None:
        return Preview(
            foresight, why_not=f"nobody has the profile id {asked!r}" if asked else "there is nobody in this brand yet"
        )
    who = profile["profile_id"]
    own = next((one for one in told if one.person.profile_id == who), None)
    text = own if own and own.body else await text_for(graph, brand, automation, who)
    why_not = own.reason if own else "nothing that it waits for happened to them, or it was answered"
    return Preview(foresight, name_of(profile), text, why_not)


def _page(
    pages: Pages, brand: str, about: dict[str, Any], draft: Draft, rules: Rules, status: int = 200, **more: Any
) -> Response:
    shown = _shown(brand, about, draft, rules, **more)
    return pages.page("automation.html", brand=brand, place="automations", status=status, **shown)


def _shown(brand: str, about: dict[str, Any], draft: Draft, rules: Rules, **more: Any) -> dict[str, Any]:
    """What the form and its parts show. `wrong` says by field what the API would refuse."""
    told: dict[str, Any] = {"wrong": {}, "preview": None, "tried": False, "person": "", "saved": False, "added": False, **more}
    here = _here(brand, NEW if about["is_new"] else about["automation_id"])
    told |= {"draft": draft, "here": here, "providers": rules.providers, "listed": LISTED}
    return {**CHOICES, **about, **told, "first_wrong": first_wrong(told["wrong"])}


def _new(automation_id: str) -> dict[str, Any]:
    """With the id that it will have, so that a form sent twice makes one."""
    return {"is_new": True, "automation_id": automation_id, "version": 1, "title": ""}


def _old(one: Automation) -> dict[str, Any]:
    return {"is_new": False, "automation_id": one.automation_id, "version": one.version, "title": one.name}


def _about(automation_id: str, form: Form) -> dict[str, Any]:
    """Which automation a form is of. Raises BadInput for a new one without the id that its page gave it."""
    if automation_id != NEW:
        told = {"version": form.number("version"), "title": form.text("title", 200)}
        return {"is_new": False, "automation_id": automation_id, **told}
    try:
        return _new(str(uuid.UUID(form.text("automation_id", 40))))
    except ValueError:
        raise BadInput(
            "automation_id: the form does not say which one it makes; open the page of a new automation again"
        ) from None


def _here(brand: str, automation_id: str) -> str:
    return f"/console/{brand}/automations/{segment(automation_id)}"
