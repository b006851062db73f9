"""Why a message must not go: looked at just before it is queued, and again just before it is sent. The first reason counts."""

from dataclasses import dataclass
from datetime import timedelta

from app.act.automations import CART, STATES, Automation
from app.act.conditions import all_hold
from app.act.had import ONCE, Had
from app.act.inside import is_current, is_inside
from app.act.people import Person
from app.graph.rows import DAY_MS

WINDOW = timedelta(hours=24)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one message is about: since when its occurrence is and the job's clock (both epoch milliseconds), the batch of its
    execution, and what its person had of the automation before it."""

    automation: Automation
    began: int
    clock: int
    require_consent: bool
    batch_id: str
    had: tuple[Had, ...]


def no_longer(asked: Asked, person: Person) -> str | None:
    """What its occasion has lost since it was triggered."""
    automation = asked.automation
    if automation.trigger == CART and person.bought is not None and person.bought >= asked.began:
        return "superseded by a purchase"
    if automation.trigger in STATES and _has_left(asked, person):
        return f"no longer inside of the {automation.trigger} trigger"
    if not all_hold(automation.conditions, person.facts):
        return "its conditions no longer hold"
    return None


def unwanted(asked: Asked, person: Person, channel: str, to: str | None) -> str | None:
    """An opt-out by this channel or at this address, or a consent that this brand requires and nobody gave."""
    said = person.consents(channel, to)
    if said is False:
        return "opted out"
    if said is None and asked.require_consent:
        return "consent required"
    return None


def enough(asked: Asked) -> str | None:
    """Why one more would be too many, for who may have been two when each was told of."""
    automation, cap = asked.automation, asked.automation.cap
    if automation.trigger in ONCE and any(one.batch_id == asked.batch_id for one in asked.had):
        return "told already, as a profile that was merged with this one"
    if cap is not None and sum(one.at > asked.clock - cap.days * DAY_MS for one in asked.had) >= cap.messages:
        return f"cap reached: {cap.messages} in {cap.days} days"
    return None


def may_write_freely(person: Person, clock: int) -> bool:
    """Whether WhatsApp lets a free text through: the person wrote within the last 24 hours."""
    return person.wrote is not None and clock - person.wrote <= WINDOW // _MS


def _has_left(asked: Asked, person: Person) -> bool:
    """As a stay ends (app/act/stays.py): an older prediction, or one of somebody who has changed since, tells nothing."""
    at = person.predicted_at
    told = is_inside(asked.automation, person, asked.clock) is False and at is not None and at >= asked.began
    return told and is_current(person)
