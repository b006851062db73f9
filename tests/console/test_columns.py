"""Numbers that models score by are called in words."""

from app.console.columns import SAYS
from app.learn import classic, columns
from app.learn.starter import model


def test_every_number_that_a_model_scores_by_has_words_for_it() -> None:
    assert set(SAYS) == {*model.COLUMNS, *columns.COLUMNS, *classic.PARTS}
    assert len(set(SAYS.values())) == len(SAYS)
