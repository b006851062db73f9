"""The identity graph's health beside the rules in force: what people see of the numbers in `graph/health.py`. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.profiles import IdentifierState, Standing
from app.domain.rules import Rules
from app.graph.health import COUNTED, DAYS, LOOKED_AT, Health
from app.resolve.sightings import fan_out

Shown = dict[str, Any]
TOP = 20
AGES = ((1, "under_1_day"), (7, "1_to_7_days"), (30, "7_to_30_days"))
OLDER = "over_30_days"


def health_view(health: Health, rules: Rules) -> Shown:
    return {
        "components": {"by_size": health.sizes, "largest": health.largest},
        "identifiers": _identifiers(health.crowded, rules, {row["type"]: row["identifiers"] for row in health.shared}),
        "merges_per_day": health.merges,
        "undos_per_day": health.undos,
        "reviews": {"pending_by_age": _ages(health.reviews["ages"]), "oldest_created_at": health.reviews["oldest"]},
        "conflicts": health.reviews["conflicts"],
        "limits": {"counted": COUNTED, "looked_at": LOOKED_AT, "days": DAYS},
        "sampled": {
            "identifiers": len(health.crowded),
            "all_identifiers": len(health.crowded) < LOOKED_AT,
            "reviews": sum(row["count"] for row in health.reviews["ages"]),
            "all_reviews": sum(row["count"] for row in health.reviews["ages"]) < LOOKED_AT,
        },
    }


def _identifiers(crowded: Iterable[IdentifierState], rules: Rules, shared: Mapping[str, int]) -> Shown:
    counts: dict[str, Counter[int]] = {}
    found = [(node, fan_out(node), rules.fan_out.get(node.identifier.type)) for node in crowded]
    for node, fan, _ in found:
        counts.setdefault(node.identifier.type, Counter())[fan] += 1
    limited = [(node, fan, limit) for node, fan, limit in found if limit is not None]
    linking = [one for one in limited if one[0].standing is Standing.LINKABLE and one[1] >= one[2] - 1]
    return {
        "by_type": {
            name: {
                "limit": rules.fan_out.get(name),
                "shared": shared.get(name, 0),
                "by_fan_out": [{"fan_out": fan, "identifiers": n} for fan, n in sorted(counts.get(name, Counter()).items())],
            }
            for name in sorted(counts.keys() | shared.keys())
        },
        "shared": _most([one for one in limited if one[0].standing is Standing.SHARED]),
        "near_limit": _most(linking),
    }


def _most(found: list[tuple[IdentifierState, int, int]]) -> list[Shown]:
    """Those furthest beyond their limit, or nearest to it, first."""
    ordered = sorted(found, key=lambda one: (one[2] - one[1], one[0].identifier))[:TOP]
    return [
        {
            "type": node.identifier.type,
            "value": node.identifier.value,
            "fan_out": fan,
            "limit": limit,
            "status": node.standing.value,
        }
        for node, fan, limit in ordered
    ]


def _ages(found: Iterable[Mapping[str, int]]) -> Shown:
    ages = dict.fromkeys([*(name for _, name in AGES), OLDER], 0)
    for row in found:
        ages[next((name for below, name in AGES if row["days"] < below), OLDER)] += row["count"]
    return ages
