"""Whether a person is inside of a segment or churn trigger, as far as their prediction tells."""

from app.act.automations import SEGMENT, Automation
from app.act.people import Person
from app.domain.segments import canonical_segment


def is_inside(automation: Automation, person: Person, clock: int) -> bool | None:
    """At a clock (epoch milliseconds); None when nothing is known of it then."""
    prediction, at = person.prediction, person.predicted_at
    if at is None or at > clock:
        return None
    if automation.trigger == SEGMENT:
        return canonical_segment(str(prediction.get("segment") or "")) == automation.segment
    score = prediction.get("churn_score")
    return isinstance(score, int | float) and automation.threshold is not None and score >= automation.threshold


def is_current(person: Person) -> bool:
    """Whether the prediction is of the person as they are now: nothing came since, and nobody was merged into them."""
    return person.prediction.get("features_clock") == person.clock
