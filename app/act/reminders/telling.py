"""What is told of reviews that wait: the letter of a day, the body of a webhook, and its signature. Pure.

Neither holds a person's data: how many profiles, why they wait, and where they are decided on.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from app.act.templates import one_line
from app.domain.events import stable_id
from app.graph.rows import DAY_MS, Row, millis, moment

NEW, AGEING = "new", "ageing"
STAGES = (NEW, AGEING)
SIGNATURE, DELIVERY = "constintel-signature", "constintel-delivery"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review that waits since `opened_at`, and is to be told of as `stage`; `rules` are those that held it back."""

    review_id: str
    stage: str
    opened_at: datetime
    people: int
    reason: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where reviews are decided on: the console's address as people reach it, '' when nobody has said it."""

    public_url: str
    brand_id: str

    def of(self, review_id: str = "") -> str:
        """Of one, or of all that wait. Ids of reviews hold nothing that an address would have to quote."""
        return f"{self.public_url.rstrip('/')}/console/{self.brand_id}/reviews{'/' + review_id if review_id else ''}"


def waiting_from(row: Row) -> Waiting:
    at = moment(row["opened_at"])
    return Waiting(row["review_id"], row["stage"], at, row["people"], row["reason"], tuple(row["rules"]))


def letter(all_of: Sequence[Waiting], place: Place, as_of: datetime, ageing_days: int) -> Row:
    """`subject` and `body` of an e-mail."""
    by_stage = {stage: [one for one in all_of if one.stage == stage] for stage in STAGES}
    new, old = len(by_stage[NEW]), len(by_stage[AGEING])
    parts = [f"{new} new" if new else "", f"{old} waiting for {_days(ageing_days)}" if old else ""]
    titles = {NEW: "New", AGEING: f"Waiting for {_days(ageing_days)} or longer"}
    lines = [f"Reviews of the brand {place.brand_id} wait for somebody to decide whether profiles are one person.", ""]
    for stage in reversed(STAGES):
        if by_stage[stage]:
            lines += [titles[stage], "", *(line for one in by_stage[stage] for line in _told(one, place, as_of)), ""]
    lines += [f"All that wait: {place.of()}", "", f"As of {as_of:%-d %b %Y, %H:%M} UTC. At most one such letter a day."]
    return {
        "subject": one_line(f"Reviews of {place.brand_id}: {', '.join(filter(None, parts))}"),
        "body": "\n".join(lines) + "\n",
    }


def _told(one: Waiting, place: Place, as_of: datetime) -> list[str]:
    days = (millis(as_of) - millis(one.opened_at)) // DAY_MS
    since = f"since {one.opened_at:%-d %b %Y, %H:%M} UTC" + (f", {_days(days)}" if days else "")
    return [f"* {one.people} profiles, {since}", f"  Why: {one_line(one.reason)}", f"  {place.of(one.review_id)}"]


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def delivery_id(brand_id: str, way: str, told: Sequence[Waiting]) -> str:
    """The same for the same reviews at the same stages, so that who is told twice can know it."""
    return stable_id(brand_id, "reminder", way, *sorted(f"{one.stage}|{one.review_id}" for one in told))


def call_body(told: Sequence[Waiting], place: Place, as_of: datetime) -> str:
    """The JSON of a webhook's call."""
    reviews = [
        {
            "review_id": one.review_id,
            "stage": one.stage,
            "waiting_since": one.opened_at,
            "profiles": one.people,
            "reason": one.reason,
            "rules": one.rules,
            "url": place.of(one.review_id),
        }
        for one in told
    ]
    said = {
        "id": delivery_id(place.brand_id, "webhook", told),
        "type": "reviews.waiting",
        "brand_id": place.brand_id,
        "as_of": as_of,
        "reviews": reviews,
    }
    return orjson.dumps(said, option=orjson.OPT_UTC_Z).decode()


def signature(body: str, secret: str, at: int) -> str:
    """As Stripe signs: `t` is the time (epoch seconds), `v1` the HMAC-SHA256 of `t`, a dot and the body, in hex."""
    code = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={code}"
