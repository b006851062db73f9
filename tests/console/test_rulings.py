"""Rules in words, and the form of a draft. Pure."""

from typing import Any

import pytest

from app.console.forms import Form
from app.console.rule_form import ON, fields_of, filled
from app.console.rulings import Line, differing, found_by, part_done, people_in
from app.domain.identifiers import Identifier
from app.domain.rules import Rules
from app.resolve.ruled import KINDS
from app.review.drafts import Changes, changed, rules_view

BASE = Rules(
    blocked=frozenset({Identifier("phone", "15550199")}),
    trust={"city": ("shopify", "pos"), "*": ("pos",)},
    off=frozenset({"above_the_cap"}),
)


def form(**fields: str) -> Form:
    """What a browser sends of the form of `BASE`, with other content in some fields."""
    said = {**fields_of(rules_view(BASE)), **{name.replace("__", "."): text for name, text in fields.items()}}
    return Form({name: [text] for name, text in said.items()})


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    sent = filled(form(), "3", BASE.blocked, "DE")
    assert (sent.errors, sent.changes and sent.changes.based_on) == ({}, "3")
    assert sent.changes is not None
    assert changed(BASE, sent.changes) == BASE


def test_every_field_is_taken() -> None:
    sent = filled(
        form(
            max_auto_merge="5",
            limit__email="2",
            limit__phone="",
            fan_out__email="",
            blocked="email WalkIn@shop.example\r\n\r\nphone +1-555-0199",
            trust="*: pos , shopify",
            guard__above_the_cap=ON,
            guard__over_the_limit="",
        ),
        "0",
        (),
        "US",
    )
    assert sent.changes is not None
    rules = changed(BASE, sent.changes)
    assert (rules.max_auto_merge, rules.limits["email"], "phone" in rules.limits, "email" in rules.fan_out) == (
        5,
        2,
        False,
        False,
    )
    assert {str(one) for one in rules.blocked} == {"email:walkin@shop.example", "phone:15550199"}
    assert (rules.trust, rules.off) == ({"*": ("pos", "shopify")}, frozenset({"over_the_limit"}))


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("max_auto_merge", "", "'' is no number from 1 to 100"), ("max_auto_merge", "101", "no number from 1 to 100"),
        ("limit__email", "0", "leave it empty for any number"), ("limit__email", "-1", "no number"),
        ("fan_out__cookie", "\u0662", "no number"),
        ("blocked", "email a@x.org\nnonsense 1", "line 2: 'nonsense' is no type"),
        ("blocked", "email nobody", "can be nobody's email"),
        ("blocked", "email a@x.org\n" * 1_001, "more than 1,000"), ("trust", "city", "line 1: write an attribute"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(field: str, text: str, said: str) -> None:
    sent = filled(form(**{field: text}), "0", BASE.blocked, "US")
    name = field.replace("__", ".")
    assert (sent.changes, list(sent.errors)) == (None, [name])
    assert said in sent.errors[name]
    assert sent.fields[name] == text.strip()


def test_versions_differ_in_what_they_say() -> None:
    after = changed(BASE, Changes(limits={"email": None}, blocked=(), trust={}, guards={"above_the_cap": True}))
    assert differing(rules_view(BASE), rules_view(after)) == [
        Line("email: values of one person", "5", "any number"),
        Line("Blocked values", "phone 15550199", "-"),
        Line("Guard: above the cap", "off", "on"),
        Line("Believed first of all other attributes", "pos", "-"),
        Line("Believed first of city", "shopify, pos", "-"),
    ]
    assert differing(rules_view(BASE), rules_view(BASE)) == []


def run(**said: Any) -> dict[str, Any]:
    return {"differences": dict.fromkeys(KINDS, 0), "examples": {}, "finished_at": None, "looked_at": 0, "total": None, **said}


def test_a_run_says_what_it_found_and_whom_it_names() -> None:
    found = run(
        differences={**dict.fromkeys(KINDS, 0), "split": 2, "review_opened": 1},
        examples={"split": [{"id": "a", "with": ["b"]}], "review_opened": [{"id": "r", "with": ["c"]}]},
    )
    assert [(one.kind, one.number, len(one.examples)) for one in found_by(found)] == [("split", 2, 1), ("review_opened", 1, 1)]
    assert people_in(found) == {"a", "b", "c"}
    every = found_by(run(differences=dict.fromkeys(KINDS, 1)))
    assert [one.kind for one in every] == list(KINDS)


def test_a_run_is_done_when_it_has_ended_and_not_before() -> None:
    came = [part_done(run()), part_done(run(total=0)), part_done(run(total=3, looked_at=1)), part_done(run(total=3, looked_at=3))]
    assert came == [None, None, 33, 99]
    assert part_done(run(finished_at="now")) == 100
