"""People side by side: what agrees, what contradicts, what is merely somebody's own."""

from app.console.comparison import Candidate, Verdict, before_after, compare

LIMITS = {"loyalty_id": 1, "email": 3}


def one(*identifiers: str, **attributes: str) -> Candidate:
    pairs = (text.split(":", 1) for text in identifiers)
    return Candidate(frozenset((kind, value) for kind, value in pairs), attributes)


def verdicts(*candidates: Candidate) -> dict[str, Verdict]:
    return {line.name: line.verdict for line in compare(candidates, LIMITS)}


def test_two_cards_contradict_and_two_addresses_do_not() -> None:
    left, right = one("loyalty_id:A", "email:a@x.org"), one("loyalty_id:B", "email:b@x.org")
    assert verdicts(left, right) == {"email": Verdict.DIFFER, "loyalty_id": Verdict.CONFLICT}


def test_one_card_that_both_have_agrees_and_is_marked_at_both() -> None:
    (line,) = compare([one("loyalty_id:A"), one("loyalty_id:A")], LIMITS)
    assert (line.verdict, [said.shared for cell in line.cells for said in cell]) == (Verdict.AGREE, [True, True])


def test_who_has_two_cards_already_contradicts_nobody_by_them() -> None:
    """As the rules see it: an import may have brought more than one may have."""
    assert verdicts(one("loyalty_id:A", "loyalty_id:B"), one("loyalty_id:B"))["loyalty_id"] is Verdict.AGREE
    assert verdicts(one("loyalty_id:A", "loyalty_id:B"), one("loyalty_id:C"))["loyalty_id"] is Verdict.CONFLICT


def test_what_only_one_has_says_nothing() -> None:
    (line,) = compare([one("email:a@x.org"), one()], LIMITS)
    assert (line.verdict, [len(cell) for cell in line.cells]) == (Verdict.ALONE, [1, 0])


def test_an_attribute_agrees_whatever_its_capitals_and_contradicts_otherwise() -> None:
    left, right = one(city="New  York", name="Ann"), one(city="new york", name="Bob")
    assert verdicts(left, right) == {"city": Verdict.AGREE, "name": Verdict.CONFLICT}
    assert verdicts(left, right, one(city="Austin"))["city"] is Verdict.CONFLICT


def test_what_they_became_stands_in_the_last_column() -> None:
    def snapshot(**attributes: str) -> dict[str, object]:
        return {"identifiers": [{"type": "email", "value": "a@x.org"}], "attributes": attributes}

    change = before_after([snapshot(city="Austin"), snapshot()], snapshot(city="Austin"), LIMITS)
    assert [(line.name, [[said.value for said in cell] for cell in line.cells]) for line in change.lines] == [
        ("email", [["a@x.org"]] * 3),
        ("city", [["Austin"], [], ["Austin"]]),
    ]
