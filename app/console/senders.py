"""Who sends: whether they sign, when they last came, where they send to; and a form for that. Secrets are only written."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from app.console.forms import Form, Sent
from app.console.pages import Pages, segment
from app.console.routes import Brand
from app.domain.errors import NotFound, Unprocessable
from app.domain.senders import MOST_SECRETS, SEGMENT, SENDERS, Sender
from app.graph.senders import Senders
from app.senders.saying import Said, say, sender_of, sender_view

# Which fields mean something of which sender; the country, and whether it may send, do of all.
FIELDS = {"shopify": ("shop_domain",), "twilio": ("account_sid", "public_url"), "square": ("public_url",)}
KEEP, BESIDE, INSTEAD, NONE = "keep", "beside", "instead", "none"
CHANGES = {
    KEEP: "leave it as it is",
    BESIDE: "take this one too (while it is being changed)",
    INSTEAD: "take this one only",
    NONE: "take none, so that it need not sign",
}
LONGEST = 2_000

Name = Annotated[str, Path(max_length=40)]


def senders_router(router: APIRouter, pages: Pages, senders: Senders) -> None:
    @router.get("/console/{brand}/senders")
    async def every(request: Request, brand: Brand, saved: str = "") -> Response:
        found = await senders.now(brand)
        shown = [{**sender_view(found.get(name) or Sender(name)), "address": _address(request, name, brand)} for name in SENDERS]
        return pages.page("senders.html", brand=brand, place="operations", senders=shown, saved=saved if saved in SENDERS else "")

    @router.get("/console/{brand}/senders/{name}")
    async def one(request: Request, brand: Brand, name: Name) -> Response:
        stood = await _stood(senders, brand, name)
        fields = {**{key: value or "" for key, value in sender_view(stood).items()}, "enabled": stood.enabled}
        return _form(pages, request, brand, stood, fields, {})

    @router.post("/console/{brand}/senders/{name}/say")
    async def changed(request: Request, brand: Brand, name: Name, form: Sent) -> Response:
        """Stores it, or shows the form again with what is wrong beside each field."""
        stood = await _stood(senders, brand, name)
        said = _said(stood, form)
        try:
            _check_secret(form)
            await say(senders, brand, name, Said.model_validate(said), datetime.now(UTC))
        except ValidationError as error:
            wrong = {str(one["loc"][0]): one["msg"].removeprefix("Value error, ") for one in error.errors(include_input=False)}
        except Unprocessable as error:
            field, _, why = error.detail.partition(": ")
            wrong = {field: why}
        else:
            return RedirectResponse(f"/console/{segment(brand)}/senders?saved={name}", 303)
        return _form(pages, request, brand, stood, said, wrong, form.text("change"))


async def _stood(senders: Senders, brand: str, name: str) -> Sender:
    if name not in SENDERS:
        raise NotFound(f"{name!r} is no sender that is known here; choose one of {', '.join(SENDERS)}")
    return await sender_of(senders, brand, name)


def _said(stood: Sender, form: Form) -> dict[str, Any]:
    """What the form says, as the API would be told."""
    said: dict[str, Any] = {name: form.text(name, LONGEST) or None for name in (*FIELDS.get(stood.name, ()), "default_country")}
    change, new = form.text("change"), form.text("secret", LONGEST)
    if stood.name == SEGMENT and change in (INSTEAD, NONE):
        said["write_key"] = new if change == INSTEAD else None
    elif stood.name != SEGMENT and change in (BESIDE, INSTEAD, NONE):
        beside = (stood.secrets or ())[: MOST_SECRETS - 1] if change == BESIDE else ()
        said["secrets"] = [] if change == NONE else [new, *beside]
    return {**said, "enabled": form.text("enabled") == "on"}


def _check_secret(form: Form) -> None:
    """Raises Unprocessable where a new secret would be left aside without a word, or is not there: no form shows it again."""
    new = form.text("secret", LONGEST)
    if form.text("change") in (BESIDE, INSTEAD):
        if not new:
            raise Unprocessable("secret: type it (once more, if you did: it is never shown again)")
    elif new:
        raise Unprocessable("secret: choose above what becomes of it, and type it once more; or leave it empty")


def _form(
    pages: Pages,
    request: Request,
    brand: str,
    stood: Sender,
    fields: dict[str, Any],
    wrong: dict[str, str],
    change: str = KEEP,
) -> Response:
    """`change` is what was chosen of the secret: chosen again it cannot be forgotten, though the secret is not shown again."""
    changes = {key: says for key, says in CHANGES.items() if key != BESIDE or stood.secrets}
    names = (*FIELDS.get(stood.name, ()), "default_country")
    wrong = {name if name in names else "secret": why for name, why in wrong.items()}
    return pages.page(
        "sender.html",
        brand=brand,
        place="operations",
        status=422 if wrong else 200,
        sender=sender_view(stood),
        address=_address(request, stood.name, brand),
        fields={name: fields.get(name) or "" for name in names},
        enabled=fields["enabled"],
        changes=changes,
        change=change,
        wrong=wrong,
        first_wrong=next((name for name in ("secret", *names) if name in wrong), ""),
    )


def _address(request: Request, name: str, brand: str) -> str:
    """Where it sends to, as this page was reached."""
    here = str(request.base_url).rstrip("/")
    return f"{here}/v1" if name == SEGMENT else f"{here}/api/integrations/{name}/webhook/{brand}"
