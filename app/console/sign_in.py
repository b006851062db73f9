"""Signing in with a key, where the service asks for one, and what its pages say to whoever has not.

A form that was sent after its session had ended is kept by nobody but the page that asks for the key: signing in sends it along,
and the answer holds it, to be sent by whoever has the right key.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote_plus, urlencode, urlsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.requests import ClientDisconnect

from app.access.doorman import Access
from app.access.sessions import COOKIE, LASTS, Sessions
from app.console.forms import LARGEST, Sent, form_of, only_ours, read_form
from app.console.pages import HEADERS, SAFE, Pages, admins_only, again, page_of_form, segment, typed, wants_part
from app.console.routes import StatusOf
from app.domain.access import MAY, ApiKey, Need
from app.domain.errors import BadInput, ConstIntelError, ForeignForm, KeyWanted, TooLarge
from app.graph.api_keys import ApiKeys

PATH = "/console"  # what the cookie is sent to, and nothing beside it
SIGN_IN = f"{PATH}/sign-in"
LONGEST_ADDRESS = 4_000
LONGEST_KEY = 200
NO_KEY = "This is no key of this service. Paste the whole of it; it begins with ci_."

App = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SigningIn:
    """`public_url` is where people reach the service, '' where nobody said."""

    access: Access
    keys: ApiKeys
    sessions: Sessions
    public_url: str


@dataclass(frozen=True, slots=True)
class Left:
    """The fields of a form that came too late, and its address; '' and none where there was none."""

    address: str
    sent: Sequence[tuple[str, str]]

    @property
    def carried(self) -> str:
        """As one field of the form that signs in; '' when it would make that too large."""
        text = urlencode(self.sent)
        return text if len(quote_plus(text)) + 4 * LONGEST_ADDRESS <= LARGEST else ""


def sign_in_router(router: APIRouter, pages: Pages, signing: SigningIn) -> None:
    @router.get("/")
    async def root() -> Response:
        """Led on without being asked who comes: the cookie is not sent here."""
        return RedirectResponse(PATH)

    @router.get(SIGN_IN)
    async def page(to: Annotated[str, Query(max_length=LONGEST_ADDRESS)] = "") -> Response:
        if not await signing.access.is_closed():
            return RedirectResponse(_of_the_console(to) or PATH, 303)
        return _asks(pages, _of_the_console(to))

    @router.post(SIGN_IN)
    async def sign_in(request: Request, form: Sent) -> Response:
        to = _of_the_console(form.text("to", LONGEST_ADDRESS))
        left = Left(_of_the_console(form.text("sent_to", LONGEST_ADDRESS)), form_of(form.text("sent", LARGEST).encode()).fields)
        key = await signing.keys.of_secret(form.text("key", LONGEST_KEY))
        if key is None or (wrong := _why_not(key)):
            return _asks(pages, to, left, 403, NO_KEY if key is None else wrong)
        answer = _begun(pages, key, to, left)
        answer.set_cookie(
            COOKIE,
            signing.sessions.begin(key, datetime.now(UTC)),
            max_age=int(LASTS.total_seconds()),
            path=PATH,
            secure=_by_https(request, signing.public_url),
            httponly=True,
            samesite="strict",
        )
        return answer

    @router.post(f"{PATH}/sign-out")
    async def sign_out() -> Response:
        answer = RedirectResponse(SIGN_IN, 303, HEADERS)
        answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
        return answer


def _asks(pages: Pages, to: str, left: Left | None = None, status: int = 200, wrong: str = "") -> Response:
    left = left or Left("", [])
    told: dict[str, Any] = {"to": to, "wrong": wrong, "typed": typed(left.sent), "sent_to": left.address, "sent": left.carried}
    return pages.page("sign_in.html", status=status, **told)


def _begun(pages: Pages, key: ApiKey, to: str, left: Left) -> Response:
    """On to where they wanted, or what they had sent to their brand, to look at: nothing is done by signing in."""
    home = f"{PATH}/{segment(key.brand_id)}/"
    if not left.sent or not left.address.startswith(home):
        return RedirectResponse(to or f"{home}search", 303, HEADERS)
    told: dict[str, Any] = {"signed_in": key, "admins_only": admins_only(key), "typed": typed(left.sent), "sent": left.sent}
    return pages.page("signed_in.html", brand=key.brand_id, sent_to=left.address, back=page_of_form(left.address), **told)


def _why_not(key: ApiKey) -> str:
    if not key.stands:
        return f"The key {key.name} was revoked. Ask an admin of {key.brand_id} for another."
    if key.role not in MAY[Need.PAGE]:
        return f"The key {key.name} has the role {key.role}: it sends events, and opens no pages. Ask for one of role analyst."
    return ""


def _by_https(request: Request, public_url: str) -> bool:
    """Whether the reader's browser came by https. A proxy in front takes that off, so it is told by the name in Host."""
    public = urlsplit(public_url)
    return request.url.scheme == "https" or (public.scheme == "https" and request.headers.get("host") == public.netloc)


def _of_the_console(address: str) -> str:
    """An address to go on to; '' for one that is not the console's own."""
    return address if address == PATH or address.startswith((f"{PATH}/", f"{PATH}?")) else ""


def turned_away(pages: Pages, status_of: StatusOf) -> Callable[[ConstIntelError], App]:
    """What the console answers whom the doorman does not let in."""

    def page_of(error: ConstIntelError) -> App:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            request = Request(scope, receive)
            if request.method not in SAFE and not wants_part(request):
                # Nothing of a foreign page, or of what is no form: they are told only why they were turned away.
                with suppress(ForeignForm, BadInput, TooLarge, ClientDisconnect):
                    only_ours(request)
                    await read_form(request)
            await _answer(pages, request, error, status_of(error))(scope, receive, send)

        return answer

    return page_of


def _answer(pages: Pages, request: Request, error: ConstIntelError, status: int) -> Response:
    if not isinstance(error, KeyWanted):
        return pages.refusal(request, error, status)
    if wants_part(request):  # the whole page signs in, and comes back to where it was
        to = "/" + request.headers.get("hx-current-url", "").partition("://")[2].partition("/")[2]
        return _challenged(Response(status_code=status, headers={**HEADERS, "hx-redirect": f"{SIGN_IN}?to={segment(to)}"}), error)
    if request.method not in SAFE:
        left = Left(request.url.path, getattr(request.state, "sent", ()))
        return _challenged(_asks(pages, page_of_form(left.address), left, status), error)
    if request.headers.get("sec-fetch-site") == "cross-site":
        # A link in a letter brings no cookie that is `SameSite=Strict`; asked for by a page of ours, the same address does.
        return _challenged(pages.page("come_in.html", status=status, here=again(request)), error)
    return RedirectResponse(f"{SIGN_IN}?to={segment(again(request))}", 303, HEADERS)


def _challenged(answer: Response, error: KeyWanted) -> Response:
    answer.headers["www-authenticate"] = error.challenge
    return answer
