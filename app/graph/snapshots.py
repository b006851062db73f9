"""Snapshots of profiles in merge history. They are for people: no machine ever reads them back."""

from collections.abc import Iterable
from typing import Any

from app.domain.identifiers import Identifier
from app.domain.money import major
from app.domain.profiles import Profile
from app.domain.strength import strength


def snapshot(profile: Profile, held: Iterable[Identifier], currency: str) -> dict[str, Any]:
    """A profile as it was, in the words of a profile's view: identifiers, value in major units, orders, strength, attributes.

    `lifetime_value` is in the brand's `currency`; every currency's own amount stands in `lifetime_values`.
    """
    return {
        "profile_id": profile.profile_id,
        "identifiers": [{"type": i.type, "value": i.value} for i in sorted({*profile.strong, *held})],
        "profile_strength": strength(profile),
        "lifetime_value": major(dict(profile.spend).get(currency, 0), currency),
        "currency": currency,
        "lifetime_values": {name: major(minor, name) for name, minor in profile.spend},
        "total_orders": profile.orders,
        "events": profile.events,
        "created_at": profile.created_at.isoformat().replace("+00:00", "Z"),
        "merged_profile_ids": sorted(profile.absorbed),
        "attributes": {attribute.name: attribute.value for attribute in profile.attributes},
    }
