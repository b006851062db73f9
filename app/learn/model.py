"""Models as JSON, never as pickles: what is loaded is read, not run."""

import json

from app.domain.errors import ModelMissing
from app.learn.boosted import Boosted
from app.learn.classic import Classic
from app.learn.scores import HORIZON, HORIZONS, Model, Scores, predicted_ltv
from app.learn.starter.model import Starter

__all__ = ["HORIZON", "HORIZONS", "KINDS", "Model", "Scores", "from_json", "predicted_ltv", "to_json"]

KINDS = {one.kind: one for one in (Starter, Classic, Boosted)}


def to_json(model: Model) -> str:
    """One line."""
    return json.dumps(model.to_dict(), separators=(",", ":")) + "\n"


def from_json(text: str) -> Starter | Classic | Boosted:
    """What `to_json` wrote. Raises ModelMissing when the text is something else."""
    try:
        content = json.loads(text)
        return KINDS[content["kind"]].of(content)
    except (KeyError, TypeError, ValueError) as broken:
        raise ModelMissing(f"a stored model cannot be read ({broken!r}); train it again, or roll back to another") from broken
