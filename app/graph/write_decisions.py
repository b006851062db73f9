"""What was decided, as rows to write: open links and reviews, merges with their snapshots, judgements."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson

from app.domain.identifiers import Identifier
from app.domain.judgements import Judgement
from app.domain.plan import Plan
from app.domain.profiles import Merge, ReviewStatus
from app.graph.rows import Row, key, link_row, millis, review_row
from app.graph.snapshots import snapshot

Held = Mapping[str, Collection[Identifier]]
"""By profile id, what it holds or held."""


def waiting(plan: Plan, brand_id: str) -> dict[str, Any]:
    return {
        "links": [{"set": link_row(link, brand_id), "opened_at": millis(link.opened_at)} for link in plan.links],
        "reviews": [
            {
                "set": review_row(review, brand_id),
                "created_at": millis(review.created_at),
                "candidates": [key(brand_id, i) for i in sorted(review.profile_ids)]
                if review.status is ReviewStatus.PENDING
                else [],
                "links": [key(brand_id, link_id) for link_id in sorted(review.link_ids)],
            }
            for review in plan.reviews
        ],
    }


def merge_row(merge: Merge, brand_id: str, currency: str, held: Held, made_at: datetime) -> Row:
    """`made_at` is when it stands as it does from: it was decided on before, where a replay found it."""
    return {
        "set": {
            "key": key(brand_id, merge.merge_id),
            "brand_id": brand_id,
            **merge_properties(merge, currency, held),
            "before_sets": [f"{profile.profile_id}|{old}" for profile in merge.before for old in sorted(profile.constituents)],
        },
        "decided_at": millis(merge.decided_at),
        "made_at": millis(made_at),
        "base": key(brand_id, merge.base_id),
        "absorbed": [key(brand_id, profile_id) for profile_id in merge.absorbed_ids],
    }


def merge_properties(merge: Merge, currency: str, held_now: Held) -> Row:
    """What people read of a merge."""
    held = held_now if merge.held is None else merge.held
    ours = {identifier for profile in merge.before for identifier in held.get(profile.profile_id, ())}
    before = [snapshot(profile, held.get(profile.profile_id, ()), currency) for profile in merge.before]
    return {
        "merge_id": merge.merge_id,
        "reason": merge.reason,
        "base_profile_id": merge.base_id,
        "merged_profile_ids": list(merge.absorbed_ids),
        "because": merge.because,
        "decided_by": merge.decided_by,
        "note": merge.note,
        "rule_version": merge.rule_version,
        "before": orjson.dumps(before).decode(),
        "after": orjson.dumps(snapshot(merge.after, ours, currency)).decode(),
    }


def judgement_row(judgement: Judgement, brand_id: str) -> Row:
    return {
        "set": {
            "key": key(brand_id, judgement.judgement_id),
            "brand_id": brand_id,
            "judgement_id": judgement.judgement_id,
            "kind": judgement.kind.value,
            "reason": judgement.reason,
            "note": judgement.note,
            "decided_by": judgement.decided_by,
            "review_id": judgement.review_id,
            "clock": judgement.clock,
        },
        "decided_at": millis(judgement.decided_at),
        "profiles": [
            {"key": key(brand_id, profile_id), "side": number}
            for number, side in enumerate(judgement.sides)
            for profile_id in sorted(side.profile_ids)
        ],
        "identifiers": [
            {"key": key(brand_id, *identifier), "side": number}
            for number, side in enumerate(judgement.sides)
            for identifier in sorted(side.identifiers)
        ],
    }
