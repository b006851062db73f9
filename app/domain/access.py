"""Who may ask for what where a service asks for keys: roles, what each route needs, and what is said to whoever may not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, get_args

from app.domain.errors import Conflict, Forbidden, Unprocessable

Role = Literal["admin", "analyst", "ingest"]
ROLES: tuple[Role, ...] = get_args(Role)

HOW_TO_MAKE_ONE = (
    "an admin of the brand makes one (POST /api/keys); the first one is made where the service runs: "
    "`constintel brand create BRAND`, then `constintel keys create --brand BRAND --role admin --name NAME`"
)
KEY_WANTED = (
    "this service asks for a key: send it as Authorization: Bearer KEY (commands take it from CONSTINTEL_API_KEY). To get one: "
    f"{HOW_TO_MAKE_ONE}"
)


class Need(StrEnum):
    """What a route asks of its caller."""

    NOTHING = "nothing"  # anybody's: what says nothing of anybody, or knows its caller otherwise
    SIGNATURE = "signature"  # its sender's; where that signs nothing here, as EVENTS
    KEY = "key"  # any
    EVENTS = "events"
    READING = "reading"
    ADMIN = "admin"
    PAGE = "page"  # of the console, which knows people by their session: as READING
    FORM = "form"  # of the console, which changes something: as ADMIN


MAY: Mapping[Need, frozenset[Role]] = {
    Need.NOTHING: frozenset(ROLES),
    Need.KEY: frozenset(ROLES),
    Need.SIGNATURE: frozenset({"admin", "ingest"}),
    Need.EVENTS: frozenset({"admin", "ingest"}),
    Need.READING: frozenset({"admin", "analyst"}),
    Need.ADMIN: frozenset({"admin"}),
    Need.PAGE: frozenset({"admin", "analyst"}),
    Need.FORM: frozenset({"admin"}),
}
# What is sent, so that it may be long, or is a form, and changes nothing that anybody reads.
ONLY_READ = frozenset(
    {
        "/api/cypher",
        "/api/profiles/{profile_id}/export",
        "/api/rules/{version}/dry-run",
        "/console/{brand}/cypher",
        "/console/{brand}/cypher/{kind}",
        "/console/{brand}/automations/{automation_id}/draft",
        "/console/{brand}/rules/{version}/dry-run",
    }
)
CHANGES = {Need.READING: Need.ADMIN, Need.PAGE: Need.FORM}
OF_THE_CONSOLE = frozenset({Need.PAGE, Need.FORM})
OF_THE_API = frozenset({Need.READING, Need.ADMIN})


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: never the key itself. `hint` is its last characters; `last_used_at` is to the minute."""

    brand_id: str
    key_id: str
    name: str
    role: Role
    hint: str
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.revoked_at is None


def need_of(declared: Need, methods: Collection[str], path: str) -> Need:
    """What a route asks, of a router that asks `declared`: what is read by many is changed by admins."""
    return declared if path in ONLY_READ or not set(methods) - {"GET", "HEAD"} else CHANGES.get(declared, declared)


def why_not(caller: ApiKey, need: Need) -> str | None:
    """What is said to whoever's role does not do this; None to those who may."""
    if caller.role in MAY[need]:
        return None
    takes = " or ".join(role for role in ROLES if role in MAY[need])
    return f"the key {caller.name!r} has the role {caller.role}, and this takes one of role {takes}; ask an admin"


def check_may(caller: ApiKey, need: Need, brands: Collection[str]) -> None:
    """`brands` are all that the call names. Raises Forbidden."""
    refused = why_not(caller, need)
    if refused is not None:
        raise Forbidden(refused)
    others = sorted({brand for brand in brands if brand != caller.brand_id})
    if others:
        raise Forbidden(
            f"the key {caller.name!r} is of brand {caller.brand_id}, and the call names {others[0]}; a key opens one brand only"
        )


def check_first(role: Role, any_issued: bool) -> None:
    """The first key closes a service that stood open, so somebody must be able to make others. Raises Conflict."""
    if not any_issued and role != "admin":
        raise Conflict(
            f"the first key of a service must be of role admin, not {role}: from then on it asks everybody for one, and only "
            "an admin makes more"
        )


def check_revocable(keys: Sequence[ApiKey], key_id: str) -> None:
    """Lets nobody close a brand's door behind those who still have keys. `keys` are all of the brand's that stand. Raises
    Conflict."""
    others = [key for key in keys if key.key_id != key_id]
    is_admins = any(key.key_id == key_id and key.role == "admin" for key in keys)
    if is_admins and others and all(key.role != "admin" for key in others):
        raise Conflict(
            "this is the brand's last admin key, and others stand that nobody could revoke then: make another admin key first, "
            "revoke the others first, or use `constintel keys revoke` where the service runs"
        )


def checked_name(name: str) -> str:
    """Raises Unprocessable for a name that tells nobody anything."""
    said = name.strip()
    if not 0 < len(said) <= 80 or not said.isprintable():
        raise Unprocessable("name: 1 to 80 characters that say who has the key, such as `warehouse sync`")
    return said
