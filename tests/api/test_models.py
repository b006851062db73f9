"""A brand's own models: trained on its past, tried on its latest days, chosen and taken back."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.graph.driver import Graph
from app.graph.rows import millis
from app.learn import training_job
from app.learn.portions import Portions
from app.learn.registry import Trained, keep, promote
from app.learn.training_job import AT_ONCE, gathered
from tests.api.brand import Brand

AS_OF = datetime(2024, 7, 1, tzinfo=UTC)


async def run(brand: Brand, job: str, as_of: datetime = AS_OF) -> Any:
    return (await brand.post(f"/api/jobs/{job}/run", {"as_of": as_of.isoformat()}))["data"]


async def shop(brand: Brand, customers: int, days_between: tuple[int, int] = (8, 40), leave: tuple[int, int] = (20, 300)) -> None:
    """Customers who order at rates of their own until they leave, on a day of their own."""
    rng = random.Random(7)
    events = []
    for number in range(customers):
        at, gone, rate = rng.uniform(0, 120), rng.uniform(*leave), rng.uniform(*days_between)
        while at < min(gone, 181):
            bought = {"total": round(rng.uniform(5, 80), 2), "currency": "USD", "order_id": f"{number}-{at:.3f}"}
            when = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=at)
            events.append(
                {
                    "source": "shop",
                    "type": "purchase",
                    "occurred_at": when.isoformat(),
                    "identifiers": {"email": f"c{number}@x.org"},
                    "properties": bought,
                    "idempotency_key": bought["order_id"],
                }
            )
            at += rng.expovariate(1 / rate)
    for start in range(0, len(events), 1000):
        await brand.post("/api/events", events[start : start + 1000])


async def test_too_few_customers_train_nothing_and_the_starter_goes_on(brand: Brand) -> None:
    await shop(brand, 20)
    told = await run(brand, "training")
    assert (told["trained"], told["promoted"]) == (0, [])
    listed = (await brand.get("/api/models")).json()
    assert [one["source"] for one in listed["data"]] == ["starter"]
    assert listed["champion"] == listed["data"][0]["model_id"]
    card = await brand.data("/api/models/starter")
    assert "not evidence" in card["card"]


async def test_a_model_of_its_own_is_kept_chosen_and_taken_back(brand: Brand) -> None:
    await shop(brand, 160)
    told = await run(brand, "training")
    assert told["customers"] >= 130
    assert told["trained"] == 1
    own, starter = await brand.data("/api/models")
    first = (await brand.get("/api/models", limit=1)).json()
    assert [one["model_id"] for one in first["data"]] == [own["model_id"]], "never more than were asked for"
    assert await brand.data("/api/models", limit=1, cursor=first["next"]) == [starter]
    assert (await brand.get("/api/models", limit=2)).json()["next"] is None
    assert (own["kind"], own["parent_id"], own["seed"]) == ("bgnbd", starter["model_id"], 41)
    assert own["status"] == ("champion" if told["promoted"] else "challenger")
    assert {"brier", "auc", "ece"} <= set(own["metrics"]["challenger"])
    assert own["reasons"]
    assert f"# Model {own['model_id']}" in (await brand.data(f"/api/models/{own['model_id']}"))["card"]
    again = await run(brand, "training")
    assert len(await brand.data("/api/models")) == 2, "the same past gives the same model"
    assert again["customers"] == told["customers"]
    assert (own["parameters"]["trees"]["max_depth"], own["replaced_id"]) == (3, "starter" if told["promoted"] else None)

    await brand.post(f"/api/models/{own['model_id']}/promote", {})
    scored = await run(brand, "predictions")
    assert scored["model"] == own["model_id"]
    (one, *_) = await brand.data("/api/profiles", limit=1)
    scores = (await brand.data(f"/api/profiles/{one['profile_id']}/360"))["predictions"]
    assert (scores["model_source"], scores["model_version"]) == ("own", own["model_id"])
    assert 0 <= scores["churn_score"] <= 1

    back = (await brand.post("/api/models/roll-back", {}))["data"]
    assert back["champion"] == starter["model_id"]
    assert (await run(brand, "predictions"))["scored"] == scored["scored"]
    whole = await brand.data(f"/api/profiles/{one['profile_id']}/360")
    assert whole["predictions"]["model_source"] == "starter"


async def test_a_model_that_is_better_beyond_chance_scores_from_then_on(brand: Brand) -> None:
    """A shop whose customers order every few days, which the starter does not expect."""
    await shop(brand, 140, days_between=(4, 10), leave=(20, 200))
    told = await run(brand, "training")
    own, _ = await brand.data("/api/models")
    assert (told["promoted"], told["champion"]) == ([own["model_id"]], own["model_id"])
    assert (own["status"], own["replaced_id"]) == ("champion", "starter")
    assert own["metrics"]["challenger"]["brier_difference_high"] < 0
    assert (await run(brand, "predictions"))["model"] == own["model_id"]
    again = await run(brand, "training")
    assert (again["promoted"], again["champion"]) == ([], own["model_id"]), "it is not better than itself"


async def test_what_only_begins_like_the_starter_is_no_model(brand: Brand) -> None:
    for how in (("GET", "/api/models/starterx"), ("POST", "/api/models/starter-own/promote")):
        assert (await brand.call(*how)).status_code == 404
    version = (await brand.data("/api/models/starter"))["model_id"]
    assert version.startswith("starter-")
    assert (await brand.data(f"/api/models/{version}"))["model_id"] == version


async def test_a_training_leaves_what_an_admin_chose_while_it_ran(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was tried against another model than the one that it would take the place of."""
    await shop(brand, 140, days_between=(4, 10), leave=(20, 200))
    (chosen,) = (await run(brand, "training", AS_OF - timedelta(days=1)))["promoted"]
    await brand.post("/api/models/roll-back", {})

    async def kept(graph: Graph, brand_id: str, trained: Trained) -> None:
        await keep(graph, brand_id, trained)
        await promote(graph, brand_id, chosen)

    monkeypatch.setattr(training_job, "keep", kept)
    answer = await brand.call("POST", "/api/jobs/training/run", json={"as_of": AS_OF.isoformat()})
    assert (answer.status_code, "another model scores by now" in answer.json()["detail"]) == (409, True)
    assert (await brand.get("/api/models")).json()["champion"] == chosen


async def test_a_brand_whose_model_cannot_be_read_sees_it_and_is_trained_again(brand: Brand) -> None:
    """What scores while the new one is tried is the starter."""
    await shop(brand, 130)
    await run(brand, "training", AS_OF - timedelta(days=7))
    own, starter = await brand.data("/api/models")
    await brand.post(f"/api/models/{own['model_id']}/promote", {})
    await brand.cypher("MATCH (m:Model {brand_id: $brand}) SET m.model = '{}'")
    assert (await brand.get("/api/models")).json()["champion"] == own["model_id"]
    assert (await brand.data("/api/models/starter"))["status"] == "retired"
    told = await run(brand, "training")
    kept = await brand.cypher("MATCH (m:Model {brand_id: $brand}) WHERE m.model <> '{}' RETURN m.parent_id AS parent")
    assert (told["trained"], kept) == (1, [{"parent": starter["model_id"]}])
    assert (await brand.post("/api/models/starter/promote", {}))["data"]["champion"] == starter["model_id"]


async def test_who_ordered_often_is_learnt_from_with_the_first_order_too(brand: Brand, graph: Graph) -> None:
    """Cut off, they would pass for somebody new who at once orders like an old friend."""
    identified = {"source": "shop", "type": "purchase", "identifiers": {"email": "often@x.org"}}
    hours = [(AS_OF - timedelta(hours=hour)).isoformat() for hour in range(600)]
    await brand.post("/api/events", [{**identified, "occurred_at": at, "idempotency_key": at} for at in hours])
    past = await gathered(graph, Portions(graph, AT_ONCE), brand.brand_id, millis(AS_OF), lambda _: None)
    assert past.orders.lengths.tolist() == [600]


async def test_the_same_past_on_another_day_is_another_model_and_each_has_its_place(brand: Brand) -> None:
    """It was taught and judged at another cut: the old one must not be taken for it. A roll-back goes to whom the champion took
    the place of, not to whom it was tried against; and a score is explained by the model that made it, whoever scores by now."""
    await shop(brand, 130)
    for at in (AS_OF, AS_OF + timedelta(days=3)):
        await run(brand, "training", at)
    later, earlier, starter = await brand.data("/api/models")
    assert later["data_hash"] == earlier["data_hash"]
    assert later["model_id"] != earlier["model_id"]

    for chosen in ("starter", earlier["model_id"], later["model_id"], later["model_id"]):
        await brand.post(f"/api/models/{chosen}/promote", {})
    (one, *_) = await brand.data("/api/profiles", limit=1)
    path = f"/api/profiles/{one['profile_id']}"
    await brand.post(f"{path}/score", {"as_of": AS_OF.isoformat()})
    said = await brand.data(f"{path}/prediction")
    assert said["model_version"] == later["model_id"]
    for expected in (earlier["model_id"], starter["model_id"]):
        assert (await brand.post("/api/models/roll-back", {}))["data"]["champion"] == expected
        assert await brand.data(f"{path}/prediction") == said
    for chosen in (earlier, later, earlier):
        await brand.post(f"/api/models/{chosen['model_id']}/promote", {})
    for expected in (later["model_id"], earlier["model_id"], starter["model_id"]):
        [now] = [one for one in await brand.data("/api/models") if one["status"] == "champion"]
        assert now["replaced_id"] == ("starter" if expected == starter["model_id"] else expected), "what the console says"
        assert (await brand.post("/api/models/roll-back", {}))["data"]["champion"] == expected
    refused = await brand.refused("/api/models/roll-back", {})
    assert (refused.status_code, "nothing was before it" in refused.text) == (409, True)


async def test_a_score_is_explained_by_what_it_was_made_from(brand: Brand) -> None:
    """Whatever the features are by now; and when that is kept no more, 409 says to score again."""
    await shop(brand, 2)
    await run(brand, "predictions")
    (one, *_) = await brand.data("/api/profiles", limit=1)
    path = f"/api/profiles/{one['profile_id']}"
    before, whole = await brand.data(f"{path}/prediction"), await brand.data(f"{path}/360")
    bought = {"source": "shop", "type": "purchase", "occurred_at": "2024-07-03T00:00:00Z", "idempotency_key": "later"}
    who = {"email": one["identifiers"]["email"]}
    await brand.post("/api/events", {**bought, "identifiers": who, "properties": {"total": 5, "currency": "USD"}})
    await run(brand, "features", AS_OF + timedelta(days=4))
    after = await brand.data(f"{path}/360")
    assert after["features"]["orders"] == whole["features"]["orders"] + 1
    assert [after[part]["as_of"][:10] for part in ("features", "predictions")] == ["2024-07-05", "2024-07-01"]
    assert after["features"]["recency_days"] == 2
    assert await brand.data(f"{path}/prediction") == before
    for lost in ("n.scored_from = null", "n.scored_from = '{}', n.model_source = 'own', n.model_version = 'gone'"):
        await brand.cypher(f"MATCH (n:Prediction {{brand_id: $brand}}) SET {lost}")
        gone = await brand.get(f"{path}/prediction")
        assert (gone.status_code, "scores anew" in gone.json()["detail"]) == (409, True)


async def test_a_score_is_explained_by_what_adds_up_to_it(brand: Brand) -> None:
    await shop(brand, 5)
    await run(brand, "predictions")
    (one, *_) = await brand.data("/api/profiles", limit=1)
    churn = (await brand.data(f"/api/profiles/{one['profile_id']}/360"))["predictions"]["churn_score"]
    said = await brand.data(f"/api/profiles/{one['profile_id']}/prediction")
    total = said["base"] + sum(part["adds"] for part in said["contributions"])
    assert 1 / (1 + 2.718281828459045**-total) == pytest.approx(churn, abs=2e-3)
    assert (await brand.get("/api/profiles/nobody/prediction")).status_code == 404


async def test_what_others_bought_beside_it_is_new_for_you(brand: Brand) -> None:
    buyers = {}
    for n, names in enumerate((("tea", "cup"), ("tea", "cup"), ("tea",), ("pen",))):
        for name in names:
            item = {"product_name": name, "price": "1.00"}
            body = {"email": f"b{n}@x.org", "total_spent": "1.00", "items": [item], "created_at": "2024-06-20T10:00:00Z"}
            (told,) = await brand.shopify({"id": f"{n}{name}", **body})
            buyers[names] = told["profile_id"]
    await run(brand, "predictions")
    scores = (await brand.data(f"/api/profiles/{buyers[('tea',)]}/360"))["predictions"]
    assert scores["recommended"]["buy_again"] == [{"product_id": None, "product_name": "tea"}]
    assert [one["product_name"] for one in scores["recommended"]["new_for_you"]] == ["cup"]
    assert scores["recommendations"] == ["tea", "cup"]


async def test_drift_is_told_week_by_week(brand: Brand) -> None:
    await shop(brand, 110)
    for days in (0, 7, 200):
        at = AS_OF + timedelta(days=days)
        await run(brand, "predictions", at)
        await run(brand, "drift", at)
    newest, middle, first = await brand.pages("/api/models/drift", limit=1)
    assert [newest, middle, first] == await brand.data("/api/models/drift")
    assert (first["psi"], first["verdict"]) == ({}, "nothing to compare with yet")
    assert middle["psi"].keys() >= {"recency", "churn"}
    assert newest["psi"]["recency"] > 0.25
    assert newest["verdict"].startswith("drifted")


async def test_of_a_handful_of_people_no_drift_is_told(brand: Brand) -> None:
    """Of ten people one in each bin is gone by the next week, which is a PSI of 3: nobody has to train anew for that."""
    await shop(brand, 12)
    for days in (0, 7):
        await run(brand, "predictions", AS_OF + timedelta(days=days))
        told = await run(brand, "drift", AS_OF + timedelta(days=days))
    assert told["customers"] > 1
    assert (told["worst"], told["verdict"].partition(":")[0]) == (None, "too few people to tell")


async def test_who_has_no_score_has_no_reasons_for_one(brand: Brand) -> None:
    ann = (await brand.see(email="ann@x.org"))["profile_id"]
    for profile_id, says in ((ann, "unscored_because"), ("nobody", "nobody")):
        answer = await brand.get(f"/api/profiles/{profile_id}/prediction")
        assert (answer.status_code, says in answer.json()["detail"]) == (404, True), answer.text


async def test_an_unknown_model_is_404_and_nothing_changes(brand: Brand) -> None:
    answers = [await brand.get("/api/models/none")]
    assert [one.status_code for one in answers] == [404]
    assert (await brand.get("/api/models")).json()["champion"].startswith("starter")
