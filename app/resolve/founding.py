"""What founds a profile: an event that nobody was met by, or an import; and what each is at first."""

from app.domain.events import Event, ProfileImport, stable_id
from app.domain.identifiers import Identifier
from app.domain.profiles import Attribute, Profile, Tag
from app.domain.rules import Trust
from app.resolve.survivorship import survive


def profile_id_of(event: Event, founded_on: Identifier | None = None) -> str:
    """The id of the profile an event founds: anchored in the event, and in the identifier when it founds several."""
    return stable_id(event.brand_id, "profile", event.event_id, *(founded_on or ()))


def of_event(event: Event, founded_on: Identifier | None, profile_id: str, tags: frozenset[Tag], clock: int) -> Profile:
    """Nobody yet but an id and a moment: what the event says of them it says of whoever it is attached to."""
    return Profile(
        profile_id=profile_id,
        founded_by=event.event_id,
        delivery_id=event.delivery_id,
        created_at=event.received_at,
        founded_on=founded_on,
        first_seen=event.occurred_at,
        last_seen=event.occurred_at,
        tags=tags,
        clock=clock,
    )


def of_import(new: ProfileImport, tags: frozenset[Tag], clock: int, trust: Trust) -> Profile:
    """The profile as it is elsewhere, with its balance."""
    given = new.created_at, new.profile_id, new.source
    amount = ((new.lifetime_value.currency, new.lifetime_value.minor),) if new.lifetime_value.minor else ()
    return Profile(
        profile_id=new.profile_id,
        founded_by=new.profile_id,
        delivery_id=new.profile_id,
        created_at=new.created_at,
        first_seen=new.created_at,
        last_seen=new.created_at,
        spend=amount,
        orders=new.total_orders,
        opening_spend=amount,
        opening_orders=new.total_orders,
        tags=tags,
        clock=clock,
        attributes=survive((), (Attribute(name, value, *given) for name, value in new.attributes), trust),
    )
