"""What is told of models: measures with what good means, drift as columns, cards as blocks."""

from app.console.cards import Block, Span, blocks, spans
from app.console.measures import compared, drift_of
from app.learn.registry import starter_card

OTHER = {"auc": 0.7, "brier": 0.2, "ece": 0.1, "ltv_mae": 9.0, "naive_ltv_mae": 8.0}
OWN = {"auc": 0.8, "brier": 0.25, "ece": 0.1, "ltv_mae": 7.0, "naive_ltv_mae": 8.0, "brier_difference": 0.05}


def test_better_is_what_the_measure_calls_better() -> None:
    found = {line.measure.name: (line.better, line.naive) for line in compared({"champion": OTHER, "challenger": OWN})}
    assert found == {"auc": (True, None), "brier": (False, None), "ece": (None, None), "ltv_mae": (True, 8.0)}
    assert [line.other for line in compared({"challenger": {"auc": 0.8}})] == [None]
    assert compared({}) == []


def test_drift_is_drawn_from_the_oldest_and_limits_stay_in_the_picture() -> None:
    drift = drift_of([{"worst": worst} for worst in (0.5, 0.2, 0.05, None)])
    assert [(week.level, week.height) for week in drift.weeks] == [
        ("none", 0.0), ("steady", 9.1), ("moved", 36.4), ("drifted", 90.9),
    ]  # fmt: skip
    quiet = drift_of([{"worst": 0.0}])
    assert (quiet.steady, quiet.drifted) == (33.3, 83.3)
    assert drift_of([]).weeks == ()


def plain(*texts: str) -> tuple[tuple[Span, ...], ...]:
    return tuple((Span("text", text),) for text in texts)


def test_a_card_is_headings_paragraphs_lists_and_tables() -> None:
    assert blocks("# One\n\nsaid\non\n\n* a\n  b\n* c\n\n| x | y |\n| --- | --: |\n| 1 | 2 |\n") == [
        Block("heading", plain("One"), level=1),
        Block("paragraph", plain("said on")),
        Block("list", plain("a b", "c")),
        Block("table", rows=(plain("x", "y"), plain("1", "2"))),
    ]
    assert spans("a `b` **c**") == (Span("text", "a "), Span("code", "b"), Span("text", " "), Span("strong", "c"))
    assert spans("<script> | ** `") == (Span("text", "<script> | ** `"),)


def test_the_starters_card_is_understood_as_a_whole() -> None:
    found = blocks(starter_card())
    assert {one.kind for one in found} == {"heading", "paragraph", "list", "table"}
    assert not any("**" in span.text or span.text.startswith("|") for one in found for line in one.lines for span in line)
