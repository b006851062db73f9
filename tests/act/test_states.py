"""Segments and churn: once for each entry, whatever is run again; and the two messages of the specification."""

from datetime import timedelta

from tests.act.conftest import NOON, Acting

DAY = timedelta(days=1)
EMMA = "Hi Emma! We miss you. Here's 20% off your next purchase: SAVE20"


async def emma(brand: Acting, churn: float = 0.75, segment: str = "at_risk") -> str:
    profile_id = await brand.person("Emma", "+1-555-0789", last_name="Williams")
    await brand.predict(profile_id, NOON, segment, churn)
    return profile_id


async def test_the_message_to_emma(brand: Acting) -> None:
    profile_id = await emma(brand)
    assert (await brand.job(NOON))["sent"] == 1
    [message] = (await brand.data(f"/api/profiles/{profile_id}/360"))["campaign_executions"]
    told = [message[name] for name in ("channel", "provider", "to", "body", "status")]
    assert told == ["whatsapp", "sandbox", "+15550789", EMMA, "sent"]


async def test_an_entry_is_told_of_once(brand: Acting) -> None:
    profile_id = await emma(brand)
    assert (await brand.job(NOON))["triggered"] == 1
    assert (await brand.job(NOON))["triggered"] == 0, "the same clock"
    assert (await brand.job(NOON + DAY))["triggered"] == 0, "still inside"
    await brand.predict(profile_id, NOON + 2 * DAY, "loyal_customer", 0.25)
    assert (await brand.job(NOON + 2 * DAY))["triggered"] == 0
    await brand.predict(profile_id, NOON, "at_risk", 0.75)
    assert (await brand.job(NOON))["triggered"] == 0, "an older clock never enters again"
    await brand.predict(profile_id, NOON + 3 * DAY, "at_risk", 0.9)
    assert (await brand.job(NOON + 2 * DAY))["triggered"] == 0, "what is known later is not known yet"
    assert (await brand.job(NOON + 3 * DAY))["triggered"] == 1, "left and came back"
    assert len(await brand.messages()) == 2


async def test_a_prediction_with_an_older_clock_ends_no_stay(brand: Acting) -> None:
    profile_id = await emma(brand)
    assert (await brand.job(NOON))["triggered"] == 1
    await brand.predict(profile_id, NOON - DAY, "loyal_customer", 0.1)
    assert (await brand.job(NOON))["triggered"] == 0
    await brand.predict(profile_id, NOON + DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + DAY))["triggered"] == 0, "the same stay"
    await brand.predict(profile_id, NOON + 2 * DAY, "loyal_customer", 0.1)
    await brand.job(NOON + 4 * DAY)
    await brand.predict(profile_id, NOON + DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + 5 * DAY))["triggered"] == 0, "known before the stay ended"
    await brand.predict(profile_id, NOON + 3 * DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + 5 * DAY))["triggered"] == 1, "after it ended, whenever the job looked"


async def test_a_merge_ends_no_stay(brand: Acting) -> None:
    """The survivor was scored before the merge, as somebody else: that says nothing of who they are now."""
    one, other = await emma(brand), await brand.person("Emmi", "+1-555-0700")
    await brand.predict(other, NOON, "loyal_customer", 0.1)
    assert (await brand.job(NOON))["sent"] == 1
    await brand.post("/api/merges", {"profile_ids": [one, other]})
    survivor = (await brand.data(f"/api/profiles/{one}"))["profile_id"]
    # What the survivor is left with, whichever of the two it is.
    await brand.predict(survivor, NOON, "loyal_customer", 0.1)
    await brand.cypher("MATCH (s:Prediction {brand_id: $brand}) SET s.features_clock = s.features_clock - 1")
    assert (await brand.job(NOON + DAY))["triggered"] == 0
    await brand.predict(survivor, NOON + 2 * DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + 2 * DAY))["triggered"] == 0, "the stay that was answered before the merge"
    await brand.predict(survivor, NOON + 3 * DAY, "loyal_customer", 0.1)
    assert (await brand.job(NOON + 3 * DAY))["triggered"] == 0
    await brand.predict(survivor, NOON + 4 * DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + 4 * DAY))["triggered"] == 1


async def test_conditions_and_threshold(brand: Acting) -> None:
    profile_id = await emma(brand, churn=0.8, segment="hibernating")
    assert (await brand.job(NOON))["triggered"] == 0
    await brand.predict(profile_id, NOON + DAY, "at_risk", 0.69)
    assert (await brand.job(NOON + DAY))["triggered"] == 0
    await brand.predict(profile_id, NOON + 2 * DAY, "hibernating", 0.7)
    assert (await brand.job(NOON + 2 * DAY))["triggered"] == 0, "crossed, but the conditions do not hold"
    await brand.predict(profile_id, NOON + 3 * DAY, "at_risk", 0.7)
    assert (await brand.job(NOON + 3 * DAY))["triggered"] == 1, "the same stay, the first time that they hold"
    assert (await brand.job(NOON + 4 * DAY))["triggered"] == 0


async def test_a_champion_gets_an_email(brand: Acting) -> None:
    profile_id = await brand.person("Michael", "+1-555-0456")
    await brand.predict(profile_id, NOON, "champion")
    assert (await brand.job(NOON))["sent"] == 1
    [message] = await brand.messages()
    assert (message["channel"], message["to"], message["status"]) == ("email", "michael@example.com", "sent")
    assert message["subject"] == "Exclusive offers for you"
    assert message["body"].startswith("Hi Michael,")


async def test_loyal_is_another_name(brand: Acting) -> None:
    await brand.only("segment", segment="loyal")
    profile_id = await brand.person("Ann", "+1-555-0456")
    await brand.predict(profile_id, NOON, "loyal_customer")
    assert (await brand.job(NOON))["triggered"] == 1


async def test_who_was_absorbed_is_not_told_again_as_the_survivor(brand: Acting) -> None:
    one, other = await emma(brand), await brand.person("Emmi", "+1-555-0700")
    assert (await brand.job(NOON))["sent"] == 1
    await brand.post("/api/merges", {"profile_ids": [one, other]})
    survivor = (await brand.data(f"/api/profiles/{one}"))["profile_id"]
    await brand.predict(survivor, NOON + DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + DAY))["triggered"] == 0
    gone = other if survivor == one else one
    await brand.predict(gone, NOON + DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + 2 * DAY))["triggered"] == 0


async def test_two_entries_of_people_who_became_one_before_it_was_sent(brand: Acting) -> None:
    """Nobody gets the same message twice, though two profiles entered."""
    automation_id = await brand.only("churn")
    one, other = await emma(brand), await brand.person("Emmi", "+1-555-0700")
    await brand.predict(other, NOON, "at_risk", 0.8)
    await brand.job(NOON - DAY)
    # As if the job had been killed between the two steps.
    await brand.job(NOON)
    await brand.cypher(
        "MATCH (x:AutomationExecution {brand_id: $brand})-[:SENT_AS]->(c) MATCH (b:AutomationBatch {brand_id: $brand}) "
        "SET x.status = 'triggered', x.waits_in = b.key, b.unsettled = true DETACH DELETE c"
    )
    await brand.post("/api/merges", {"profile_ids": [one, other]})
    did = await brand.job(NOON)
    assert (did["sent"], did["skipped"]) == (1, 1)
    [skipped] = await brand.executions(status="skipped", automation_id=automation_id)
    assert "merged" in skipped["reason"]


async def test_imports_send_nothing(brand: Acting) -> None:
    await brand.only("churn", trigger="purchase", threshold=None, conditions=[])
    await brand.person("Ann", "+1-555-0456")
    assert (await brand.job(NOON))["triggered"] == 0


async def test_conditions_know_features_by_the_names_people_read_them_under(brand: Acting) -> None:
    """As a profile's 360 has them: money in major units, and days until the job's clock, though features do not age."""
    bought = NOON - timedelta(days=40)
    profile_id = await brand.buys("ann@example.org", bought)
    await brand.post("/api/jobs/features/run", {"as_of": (bought + timedelta(days=1)).isoformat()})
    await brand.does("ann@example.org", NOON, "newsletter", {})
    shown = (await brand.data(f"/api/profiles/{profile_id}/360"))["features"]
    asked = [(name, "=", shown[name]) for name in ("monetary", "orders", "last_order_at")]
    asked += [("recency_days", ">=", 40), ("recency_days", "<", 40.01), ("tenure_days", ">=", 40)]
    asked += [("channel_mix.canonical", "=", 1)]
    conditions = [{"field": f"features.{name}", "op": op, "value": value} for name, op, value in asked]
    wanted = {"name": "n", "trigger": "newsletter", "channel": "email", "subject": "s", "template": "t", "conditions": conditions}
    await brand.post("/api/automations", wanted)
    assert (await brand.job(NOON))["triggered"] == 1


async def test_two_stays_that_began_at_one_clock_are_two_occurrences(brand: Acting) -> None:
    """Everybody is scored at one clock. One was told and left; the other, who was not told, is the same person by now."""
    await brand.only("churn")
    one, other = await brand.person("Emma", "+1-555-0789"), await brand.person("Emmi", "+1-555-0700")
    await brand.predict(one, NOON, "at_risk", 0.8)
    await brand.predict(other, NOON, "about_to_sleep", 0.8)
    assert (await brand.job(NOON))["sent"] == 1
    await brand.predict(one, NOON + DAY, "loyal_customer", 0.1)
    await brand.job(NOON + DAY)
    await brand.post("/api/merges", {"profile_ids": [one, other]})
    survivor = (await brand.data(f"/api/profiles/{one}"))["profile_id"]
    assert survivor == one
    await brand.predict(survivor, NOON + 2 * DAY, "at_risk", 0.8)
    assert (await brand.job(NOON + 2 * DAY))["sent"] == 1
    assert (await brand.job(NOON + 3 * DAY))["triggered"] == 0
