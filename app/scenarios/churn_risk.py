"""Scenario 3: a customer falls silent for 45 days and comes back."""

from app.domain.segments import canonical_segment
from app.scenarios.story import Near, Stage, Story

EMAIL = "emma.williams@email.com"
CUSTOMER = {
    "profile_id": "emma-williams",
    "identifiers": {"email": EMAIL, "phone": "+1-555-0789"},
    "lifetime_value": 0,
    "currency": "USD",
    "total_orders": 0,
    "created_at": "2024-01-02T10:00:00Z",
    "attributes": {"first_name": "Emma", "last_name": "Williams"},
}
# 90, 60 and 45 days before the feature calculation of 2024-04-01; then the order two days after the message.
BEFORE = (("2024-01-02T10:00:00Z", "150.00"), ("2024-02-01T10:00:00Z", "75.00"), ("2024-02-16T10:00:00Z", "100.00"))
MESSAGE = "Hi Emma! We miss you. Here's 20% off your next purchase: SAVE20"
SILENT = "2024-04-01T10:00:00Z"
AFTER = ("2024-04-03T10:00:00Z", "120.00", "New Collection Dress")


def play(stage: Stage) -> None:
    profile_id = stage.post("/api/profiles", CUSTOMER)["profile_id"]
    for number, (at, amount) in enumerate(BEFORE, 1):
        last = order(stage, 30_000 + number, at, amount, f"Order {number}")
    before = stage.get(f"/api/profiles/{profile_id}")
    if last["outcome"] != "duplicate":
        stage.check("before: lifetime value", 325.00, before["lifetime_value"])
        stage.check("before: total orders", 3, before["total_orders"])
    for job in ("features", "predictions", "automations"):
        stage.job(job, SILENT)
    then = stage.get(f"/api/profiles/{profile_id}/360")
    stage.learnt(then, "before: ", "at_risk", 0.75, 350.00)
    stage.travelled(then, "before: ", "at_risk", 45)
    stage.automated(then, "Churn Risk Retention Campaign", "whatsapp", SILENT)
    stage.check("message", MESSAGE, then["campaign_executions"][-1]["body"] if then["campaign_executions"] else None)
    order(stage, 30_004, *AFTER)
    returned = AFTER[0]
    for job in ("features", "predictions", "automations"):
        stage.job(job, returned)
    whole = stage.get(f"/api/profiles/{profile_id}/360")
    profile = whole["profile"]
    stage.check("lifetime value", 445.00, profile["lifetime_value"])
    stage.check("total orders", 4, profile["total_orders"])
    stage.check("last activity", AFTER[0], profile["last_seen"])
    stage.counts(Profile=1, Event=4, MergeHistory=0, MergeReview=0)
    stage.learnt(whole, "", canonical_segment("loyal"), 0.25, 600.00)
    stage.travelled(whole, "", "retention", 72)
    journey = whole["journey"] or {}
    stage.check("previous stage", "at_risk", journey.get("previous_stage"))
    stage.check("previous journey score", Near(45, 8), journey.get("previous_score"))
    stage.automated(whole, "Churn Risk Retention Campaign", "whatsapp", returned)
    stage.counts(Prediction=1, CustomerJourney=1, AutomationExecution=1, CampaignExecution=1)


def order(stage: Stage, number: int, at: str, amount: str, name: str) -> dict[str, object]:
    body = {
        "id": number,
        "email": EMAIL,
        "total_spent": amount,
        "items": [{"product_name": name, "price": amount}],
        "created_at": at,
    }
    return stage.event("/api/integrations/shopify/webhook", body, {"x-shopify-topic": "orders/create"})


STORY = Story("Churn risk detection and retention", play)
