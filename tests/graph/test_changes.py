"""What a plan tells of identities: pure rows."""

from datetime import UTC, datetime

from app.domain.judgements import Judgement, JudgementKind, Side
from app.domain.plan import Plan, Rewrite
from app.domain.profiles import Merge, Profile, Review, ReviewStatus
from app.graph.changes import changes_of

AT = datetime(2024, 1, 1, tzinfo=UTC)
MS = 1_704_067_200_000


def merge(because: str = "e1") -> Merge:
    a, b = (Profile(profile_id=name, founded_by=None, delivery_id=None, created_at=AT) for name in "ab")
    return Merge("m1", "a", ("b",), "identifier_match", because, "rules", AT, (a, b), a)


def review(review_id: str, status: ReviewStatus) -> Review:
    return Review(review_id, frozenset({"e1"}), frozenset({"b", "a"}), "why", "e1", AT, status=status)


def test_a_plan_without_merges_and_reviews_tells_nothing() -> None:
    assert changes_of(Plan(), "shop") == []


def test_what_ended_comes_before_what_began() -> None:
    pending, ended = review("r1", ReviewStatus.PENDING), review("r2", ReviewStatus.SUPERSEDED)
    plan = Plan(merges=(merge(),), reviews=(pending, ended), rewrite=Rewrite(AT, "j0", unmade=("m0",)))
    undone, merged, *reviews = changes_of(plan, "shop")
    assert undone == {"type": "merge.undone", "at": MS, "merge": "shop|m0", "set": {"merge_id": "m0", "because": "j0"}}
    assert (merged["type"], merged["set"]["merge_id"], merged["set"]["review_id"]) == ("merge.completed", "m1", None)
    assert [row["review"] for row in reviews] == ["shop|r2", "shop|r1"]
    assert all(row["set"]["profile_ids"] == ["a", "b"] and row["set"]["decided_by"] is None for row in reviews)


def test_a_decision_names_the_merge_and_the_merge_names_the_review() -> None:
    same = Judgement("j1", JudgementKind.SAME, (Side(frozenset("ab")),), "ann", AT, review_id="r1")
    plan = Plan(merges=(merge("j1"),), judgements=(same,), reviews=(review("r1", ReviewStatus.MERGED),))
    merged, decided = changes_of(plan, "shop")
    assert merged["set"]["review_id"] == "r1"
    assert (decided["set"]["merge_id"], decided["set"]["decided_by"]) == ("m1", "ann")
