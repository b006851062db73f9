"""How pages are made: templates, what all of them know, and the headers that keep everything foreign out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.access.asking import asking
from app.console.assets import Assets
from app.console.saying import in_console
from app.domain.access import ApiKey, Need, why_not
from app.domain.errors import ConstIntelError
from app.domain.money import EXPONENT

SAFE = {"GET", "HEAD"}  # requests that change nothing
# Fields that pages fill in themselves, or whose words are not worth giving back.
UNTYPED = {
    "automation_id", "based_on", "batch_id", "campaign_id", "chosen", "instead_of", "job", "keep", "reminder_id", "title",
    "version", "word",
}  # fmt: skip
TEMPLATES = Path(__file__).parent / "templates"

POLICY = ("default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'")
HEADERS = {
    "content-security-policy": "; ".join(POLICY),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",  # pages show people's data
    "vary": "HX-Request",
    "x-console": "1",  # a proxy's page of an error has none, and is put into no page
}


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation: /console/{brand}/{path}."""

    path: str
    title: str


# In the order in which people see them. A page is listed here when it exists.
PLACES = (
    Place("search", "Search"),
    Place("reviews", "Reviews"),
    Place("merges", "Merges"),
    Place("graph", "Graph"),
    Place("rules", "Rules"),
    Place("automations", "Automations"),
    Place("models", "Models"),
    Place("cypher", "Cypher"),
    Place("operations", "Operations"),
)


class Pages:
    """Makes answers out of templates. Everything put into one is escaped."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {"asset": assets.address, "missing": assets.missing, "places": PLACES}
        self._environment.filters |= {
            "in_console": in_console,
            "age": age,
            "ago": ago,
            "moment": moment,
            "day": day,
            "iso": iso,
            "words": words,
            "money": money,
            "segment": segment,
        }

    def page(self, template: str, *, brand: str | None = None, place: str = "", status: int = 200, **shown: object) -> Response:
        """A whole page. `place` is the entry of the navigation that it belongs to."""
        return self._answer(template, {"brand": brand, "place": place, "q": "", **shown}, status)

    def docs(self) -> Response:
        """The page of /openapi.json, whose pictures stand in its style sheet."""
        policy = "; ".join((*POLICY, "img-src 'self' data:"))
        return self._answer("docs.html", {}, 200, {"content-security-policy": policy})

    def part(self, template: str, *, brand: str, headers: Mapping[str, str] | None = None, **shown: object) -> Response:
        """A part of a page, for htmx to put in."""
        return self._answer(template, {"brand": brand, **shown}, 200, headers)

    def refusal(self, request: Request, error: ConstIntelError, status: int) -> Response:
        """An error as a page, or as a part where one was asked for. What it says tells how to mend it."""
        brand = request.path_params.get("brand")
        shown = {"brand": brand, "place": "", "q": "", "error": error, "status": status, "again": again(request)}
        sent: Sequence[tuple[str, str]] = getattr(request.state, "sent", ())
        back = _page_of(request) or error.extra.get("page")
        shown |= {"back": back, "nowhere": request.method in SAFE}
        shown |= {"sent": sent, "typed": typed(sent), "sent_to": request.url.path}
        headers = {"retry-after": "2"} if status == 503 else None
        return self._answer("part_error.html" if wants_part(request) else "error.html", shown, status, headers)

    def _answer(
        self, template: str, shown: Mapping[str, object], status: int, headers: Mapping[str, str] | None = None
    ) -> Response:
        key = asking.get()
        known = {"signed_in": key, "admins_only": admins_only(key)}
        content = self._environment.get_template(template).render({**known, **shown})
        return Response(content, status, {**HEADERS, **(headers or {})}, media_type="text/html")


def typed(sent: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What somebody wrote or chose, of all that a form sends."""
    return [(name, value) for name, value in sent if name not in UNTYPED and value.strip()]


def admins_only(key: ApiKey | None) -> Markup:
    """What stands in each button that changes something: nothing, or that it is not theirs to press, and why."""
    refused = why_not(key, Need.FORM) if key is not None else None
    return Markup() if refused is None else Markup(' disabled title="{}"').format(f"{refused[0].upper()}{refused[1:]}")


def wants_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page that it is on."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def _page_of(request: Request) -> str | None:
    """The page whose form this is, if it is one: what a form does is the last word of its address."""
    return None if request.method in SAFE else page_of_form(request.url.path)


def page_of_form(address: str) -> str:
    return address.rpartition("/")[0]


def again(request: Request) -> str:
    """The address of a request, to ask it again; of a form that of its page."""
    return _page_of(request) or request.url.path + (f"?{request.url.query}" if request.url.query else "")


def moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that there is one of."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    for unit, length in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
        if count := minutes // length:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def ago(seconds: int) -> str:
    """The same as `ago` in static/ages.js, which goes on from here."""
    unit, length = next((one for one in (("d", 86_400), ("h", 3_600), ("min", 60)) if seconds >= one[1]), ("s", 1))
    return f"{max(0, seconds) // length} {unit} ago"


def day(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%-d %b %Y}"


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


CALLED = {
    "loyalty id": "loyalty card", "email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp", "whatsapp message": "WhatsApp message",
    "whatsapp user id": "WhatsApp user id", "shopify customer id": "Shopify customer id",
    "square customer id": "Square customer id", "lightspeed customer id": "Lightspeed customer id",
    "toast customer id": "Toast customer id",
}  # fmt: skip


def words(name: str) -> str:
    """`store_visit` as people say it."""
    said = name.replace("_", " ").replace("-", " ").strip()
    return CALLED.get(said, said)


def money(amount: float | None, currency: str | None) -> str:
    if amount is None:
        return "-"
    digits = 0 if float(amount).is_integer() and abs(amount) >= 1000 else EXPONENT.get(currency or "", 2)
    return f"{amount:,.{digits}f} {currency or ''}".strip()


def segment(text: object) -> str:
    """A part of an address: ids may hold anything."""
    return quote(str(text), safe="")
