"""What somebody else's event said of who is erased."""

import pytest

from app.domain.identifiers import Identifier
from app.domain.naming import names_of
from app.privacy.scrubbing import scrubbed

ANN = names_of([Identifier("email", "ann@x.example")])


@pytest.mark.parametrize("levels", [300, 600, 1_000])
def test_of_what_is_nested_too_deeply_to_be_written_again_nothing_stays(levels: int) -> None:
    """Bodies are read to 1,024 levels and kept as they came, so what a source does not use may be as deep."""
    assert scrubbed(f'{{"note":{"[" * levels}"ann@x.example"{"]" * levels}}}', ANN) == "[erased]"
