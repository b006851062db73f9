"""What the console's run says of what it measured, and whom it looks for."""

from app.domain.identifiers import TYPES, identifier
from bench.console import Waited, report
from bench.crowd import KIOSK, hub, known_by_everything


def test_the_table_says_what_was_wanted_and_how_late_the_latest_were() -> None:
    shown = report(
        [Waited("it is there", tuple(float(ms) for ms in range(1, 101)), wanted=3_000), Waited("all of it", (2.0, 40.4, 7.0))]
    )
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in shown.splitlines() if line.startswith("| ")]
    assert cells[1:] == [["it is there", "100", "50", "96", "100", "3,000"], ["all of it", "3", "7", "40", "40", ""]]


def test_one_person_has_every_type_as_it_is_stored() -> None:
    (event,) = known_by_everything("b")
    assert [one.type for one in event.identifiers] == list(TYPES)
    assert [identifier(one.type, one.value) for one in event.identifiers] == list(event.identifiers)


def test_many_meet_at_a_hub_and_are_alone_elsewhere() -> None:
    events = list(hub("b", 3))
    addresses = [{one.value for one in event.identifiers if one.type == "email"} for event in events]
    assert len({event.event_id for event in events}) == 6
    assert addresses == [{f"h{number}@example.net"} for number in (0, 0, 1, 1, 2, 2)]
    assert [KIOSK in event.identifiers for event in events] == [True, False] * 3
