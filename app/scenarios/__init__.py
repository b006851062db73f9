"""The specification's four scenarios, played over HTTP as the outside would, expected beside actual."""

from app.scenarios import churn_risk, high_value, manual_merge, omnichannel
from app.scenarios.story import Story

STORIES: dict[str, Story] = {
    "omnichannel": omnichannel.STORY,
    "high-value": high_value.STORY,
    "churn-risk": churn_risk.STORY,
    "manual-merge": manual_merge.STORY,
}
