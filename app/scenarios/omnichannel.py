"""Scenario 1: one customer on Shopify, WhatsApp, in a store and on the site."""

from app.scenarios.story import Stage, Story

EMAIL = "sarah.johnson@email.com"

ORDER = {
    "id": 12345,
    "email": EMAIL,
    "phone": None,
    "total_spent": "89.99",
    "currency": "USD",
    "items": [
        {
            "product_id": "PROD-001",
            "product_name": "Summer Collection T-Shirt",
            "category": "Apparel",
            "price": "89.99",
            "quantity": 1,
        }
    ],
    "created_at": "2024-01-15T10:00:00Z",
    "order_number": "ORD-12345",
}
MESSAGE = {
    "MessageSid": "SM123456789",
    "From": "whatsapp:+15550123",
    "To": "whatsapp:+15559999",
    "Body": "When will my order ship?",
    "MessageStatus": "received",
    "AccountSid": "ACxxxxx",
}
VISIT = {
    "store_id": "STORE-001",
    "store_name": "Downtown Location",
    "loyalty_id": "LOY-789456",
    "phone": "+1-555-0123",
    "transaction_id": "TXN-98765",
    "total": 125.50,
    "items": [
        {
            "product_id": "PROD-002",
            "product_name": "Premium Sneakers",
            "category": "Footwear",
            "price": "125.50",
            "quantity": 1,
        }
    ],
    "check_in_at": "2024-01-17T11:00:00Z",
    "check_out_at": "2024-01-17T11:45:00Z",
    "detection_method": "qr_scan",
}
CART = {
    "event": "cart_add",
    "product_id": "PROD-003",
    "product_name": "Premium Sneakers",
    "category": "Footwear",
    "price": "125.50",
    "session_id": "sess-abc123",
    "email": EMAIL,
    "page_url": "https://store.com/products/premium-sneakers",
    "timestamp": "2024-01-19T15:00:00Z",
}


# The hours of day 5 and day 6 at which the cart is looked at, and the features and predictions are built.
CART_CHECK, UPDATE = "2024-01-19T17:30:00Z", "2024-01-20T10:00:00Z"
RECOMMENDED = ["Premium Sneakers", "Summer Collection T-Shirt"]


def play(stage: Stage) -> None:
    order = stage.event("/api/integrations/shopify/webhook", ORDER, {"x-shopify-topic": "orders/create"})
    message = stage.event("/api/integrations/twilio/webhook", MESSAGE)
    join(stage, order["profile_id"], message["profile_id"])
    stage.post("/api/integrations/pos", VISIT)
    stage.post("/api/integrations/track", CART)
    stage.job("cart-abandonment", CART_CHECK)
    for job in ("features", "predictions", "automations"):
        stage.job(job, UPDATE)
    whole = stage.get(f"/api/profiles/{order['profile_id']}/360")
    profile = whole["profile"]
    stage.check("base profile", order["profile_id"], profile["profile_id"])
    stage.check("merged profiles", [message["profile_id"]], profile["merged_profile_ids"])
    stage.check("identifiers", IDENTIFIERS, profile["identifiers"])
    stage.check("lifetime value", 215.49, profile["lifetime_value"])
    stage.check("total orders", 2, profile["total_orders"])
    stage.check("profile strength", 85, profile["profile_strength"])
    stage.check("events", 5, len(whole["events"]))
    stage.check("store visit minutes", [45], [visit["duration_minutes"] for visit in whole["store_visits"]])
    active = [(i["product_name"], i["score"]) for i in whole["product_intents"] if i["status"] == "active"]
    stage.check("active product intents", [("Premium Sneakers", 85)], active)
    stage.check("merge history", ["identifier_match"], [merge["reason"] for merge in whole["merge_history"]])
    stage.learnt(whole, "", "loyal_customer", 0.15, 450.00)
    stage.check("recommendations", RECOMMENDED, (whole["predictions"] or {}).get("recommendations"))
    stage.travelled(whole, "", "retention", 78)
    stage.check("next action", "Send personalized product recommendations", (whole["journey"] or {}).get("next_best_action"))
    stage.automated(whole, "Cart Abandonment Recovery", "whatsapp", UPDATE)
    stage.counts(Profile=1, Event=5, StoreVisit=1, ProductIntent=2, MergeHistory=1, MergeReview=0)
    stage.counts(FeatureSet=1, Prediction=1, CustomerJourney=1, AutomationExecution=1, CampaignExecution=1)


IDENTIFIERS = {
    "email": EMAIL,
    "phone": "15550123",
    "whatsapp": "+15550123",
    "loyalty_id": "LOY-789456",
    "session": "sess-abc123",
}


def join(stage: Stage, one: str, other: str) -> None:
    """The admin's merge, unless an earlier run asked for it."""
    if stage.get(f"/api/profiles/{one}")["profile_id"] != stage.get(f"/api/profiles/{other}")["profile_id"]:
        stage.check("before the merge: two profiles", 2, len({one, other}))
        stage.post("/api/merges", {"profile_ids": [one, other]})


STORY = Story("Omnichannel customer journey", play)
