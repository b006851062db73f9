"""Scenario 2: five orders in a week."""

from app.scenarios.story import Stage, Story

EMAIL = "michael.chen@email.com"
CUSTOMER = {
    "profile_id": "michael-chen",
    "identifiers": {"email": EMAIL},
    "lifetime_value": 0,
    "currency": "USD",
    "total_orders": 0,
    "created_at": "2024-01-01T09:00:00Z",
    "attributes": {"first_name": "Michael", "last_name": "Chen"},
}
# Day, amount, product: the specification gives the first two and the total, 450.00.
ORDERS = (
    ("2024-02-01T10:00:00Z", "199.99", "Designer Jacket"),
    ("2024-02-03T10:00:00Z", "89.99", "Summer T-Shirt"),
    ("2024-02-04T10:00:00Z", "53.34", "Linen Shirt"),
    ("2024-02-06T10:00:00Z", "53.34", "Denim Shirt"),
    ("2024-02-07T10:00:00Z", "53.34", "Oxford Shirt"),
)

UPDATE = "2024-02-08T10:00:00Z"


def play(stage: Stage) -> None:
    profile_id = stage.post("/api/profiles", CUSTOMER)["profile_id"]
    fresh = stage.get(f"/api/profiles/{profile_id}")["total_orders"] == 0
    seen = [stage.get(f"/api/profiles/{profile_id}")]
    for number, (at, amount, name) in enumerate(ORDERS, 1):
        body = {
            "id": 20_000 + number,
            "email": EMAIL,
            "total_spent": amount,
            "items": [{"product_name": name, "category": "Apparel", "price": amount}],
            "created_at": at,
        }
        stage.event("/api/integrations/shopify/webhook", body, {"x-shopify-topic": "orders/create"})
        seen.append(stage.get(f"/api/profiles/{profile_id}"))
    if fresh:
        stage.check("strength, order by order", [40, 50, 60, 70, 75, 80], [p["profile_strength"] for p in seen])
        stage.check("first lifetime values", [0, 199.99, 289.98], [p["lifetime_value"] for p in seen[:3]])
    profile = seen[-1]
    stage.check("lifetime value", 450.00, profile["lifetime_value"])
    stage.check("total orders", 5, profile["total_orders"])
    stage.check("profile strength", 80, profile["profile_strength"])
    for job in ("features", "predictions", "automations"):
        stage.job(job, UPDATE)
    whole = stage.get(f"/api/profiles/{profile_id}/360")
    stage.check("merge history", 0, len(whole["merge_history"]))
    stage.learnt(whole, "", "champion", 0.08, 1200.00)
    stage.automated(whole, "VIP Customer Treatment", "email", UPDATE)
    stage.counts(Profile=1, Event=5, MergeHistory=0, MergeReview=0)
    stage.counts(Prediction=1, AutomationExecution=1, CampaignExecution=1)


STORY = Story("High-value customer identification", play)
