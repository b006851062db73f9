"""The form of an automation: what it says, and beside which field a refusal stands."""

from dataclasses import replace
from typing import Any

import pytest

from app.act.automations import SEEDS, Automation
from app.act.proposal import AutomationIn
from app.console.builder import EMPTY, Draft, Row, body, changed, draft_in, draft_of, first_wrong, proposed
from app.console.forms import Form

WHOLE = AutomationIn.model_validate(
    {
        "name": "Thank you",
        "trigger": "purchase",
        "conditions": [
            {"field": "profile.total_orders", "op": ">=", "value": 2},
            {"field": "profile.attributes.city", "op": "in", "value": ["Paris, TX", "Austin", 7]},
            {"field": "profile.attributes.zip", "op": "=", "value": "02134"},
            {"field": "prediction.segment", "op": "exists", "value": False},
        ],
        "channel": "whatsapp",
        "template": "Thank you, {{ first_name }}!\nSoon again?",
        "content_sid": "HX" + "0" * 32,
        "content_variables": {"1": "{{ first_name }}", "2": "a = b"},
        "cap": {"messages": 1, "days": 7},
        "quiet_hours": {"from": "21:00", "to": "08:00", "timezone": "Europe/London"},
        "active": False,
    }
).automation("thanks")


def drafted(**texts: str) -> Draft:
    return replace(EMPTY, texts={**EMPTY.texts, "name": "A", "template": "Hi", **texts})


NEARLY = Automation("nearly", "Nearly", "churn", "sms", "Hi", threshold=0.1234567)


@pytest.mark.parametrize("one", [*SEEDS, WHOLE, NEARLY], ids=lambda one: one.automation_id)
def test_what_the_form_shows_of_an_automation_it_says_again(one: Automation) -> None:
    said = proposed(draft_of(one))
    assert isinstance(said, AutomationIn)
    assert said.automation(one.automation_id) == one


def test_a_form_is_read_as_it_was_sent() -> None:
    sent = {"name": [" A "], "template": ["a\r\nb"], "condition_field": ["x", "y"], "condition_op": ["=", "in"], "active": ["1"]}
    draft = draft_in(Form({**sent, "condition_value": ["1", "2"]}))
    assert (draft.texts["name"], draft.texts["template"], draft.active) == ("A", "a\nb", True)
    assert draft.conditions == (Row("x", "=", "1"), Row("y", "in", "2"))


def test_rows_come_and_go() -> None:
    two = changed(changed(EMPTY, True, ""), True, "")
    second = replace(two, conditions=(Row("a"), Row("b")))
    assert changed(second, False, "0").conditions == (Row("b"),)
    assert changed(second, True, "").conditions == (Row("a"), Row("b"), Row())
    assert len(changed(replace(EMPTY, conditions=(Row(),) * 20), True, "").conditions) == 20


def test_what_belongs_to_another_choice_is_not_said() -> None:
    everything = drafted(segment="champion", threshold="0.5", subject="S", content_sid="HX", event_type="refund")
    assert body(everything).keys() & {"segment", "threshold", "subject"} == set()
    asked = replace(everything, texts={**everything.texts, "trigger": "churn", "channel": "email"})
    assert (body(asked)["threshold"], body(asked)["subject"], "content_sid" in body(asked)) == (0.5, "S", False)
    assert body(drafted(trigger="event", event_type="refund"))["trigger"] == "refund"


@pytest.mark.parametrize(
    ("texts", "field", "said"),
    [
        ({"name": ""}, "name", "fill this in"),
        ({"template": "{{ first_name"}, "template", "line 1"),
        ({"template": ""}, "template", "fill this in"),
        ({"trigger": "event"}, "event_type", "fill this in"),
        ({"trigger": "segment"}, "segment", "needs `segment`"),
        ({"trigger": "churn", "threshold": "much"}, "threshold", "a number"),
        ({"trigger": "churn", "threshold": "2"}, "threshold", "less than or equal to 1"),
        ({"trigger": "churn", "threshold": "nan"}, "threshold", "a number"),
        ({"channel": "email"}, "subject", "needs a `subject`"),
        ({"channel": "pigeon"}, "channel", "whatsapp"),
        ({"content_sid": "HX1"}, "content_sid", "pattern"),
        ({"content_variables": "1 = x"}, "content_variables", "`content_variables`"),
        ({"cap_messages": "2"}, "cap_days", "a whole number"),
        ({"cap_messages": "0", "cap_days": "1"}, "cap_messages", "greater than"),
        ({"quiet_from": "9:00", "quiet_to": "10:00"}, "quiet_from", "pattern"),
        ({"quiet_from": "21:00", "quiet_to": "08:00", "quiet_timezone": "Mars"}, "quiet_timezone", "no time zone"),
    ],
)
def test_a_refusal_stands_beside_its_field(texts: dict[str, str], field: str, said: str) -> None:
    wrong = proposed(drafted(**texts))
    assert isinstance(wrong, dict)
    assert list(wrong) == [field]
    assert said in wrong[field]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("profile.shoe_size", "=", "9"), "is none that is known"),
        (Row("profile.total_orders", ">=", ""), "value is missing"),
        (Row("profile.total_orders", "in", " , "), "a list of 1"),
        (Row("profile.total_orders", "exists", "maybe"), "true, false or left out"),
    ],
)
def test_a_condition_that_could_never_be_looked_at_is_told_by_its_row(row: Row, said: str) -> None:
    wrong: Any = proposed(replace(drafted(), conditions=(Row("profile.total_orders", ">", "1"), row)))
    assert (list(wrong), said in wrong["condition_1"]) == (["condition_1"], True)


def test_the_first_field_to_mend_is_the_first_of_the_form() -> None:
    assert first_wrong(["condition_2", "template", "name"]) == "name"
    assert first_wrong([]) == ""
