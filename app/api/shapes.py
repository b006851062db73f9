"""What answers look like, by route, in JSON Schema: what /openapi.json says of them, and what tests hold every answer against.

Other fields may come beside, in later versions too.
"""

from collections.abc import Mapping

from app.api.schema import (
    ANYTHING,
    CHANCE,
    FLAG,
    NUMBER,
    OBJECT,
    STRENGTH,
    TEXT,
    TIME,
    WHOLE,
    Schema,
    by_name,
    data,
    fields,
    known,
    listed,
    or_null,
    page,
    sometimes,
    the,
)
from app.domain.access import ROLES
from app.domain.identifiers import TYPES
from app.domain.plan import Outcome
from app.domain.profiles import ReviewStatus
from app.domain.senders import SENDERS

MONEY = {"lifetime_value": NUMBER, "currency": TEXT, "lifetime_values": by_name(NUMBER)}
WHO = {"profile_id": TEXT, "profile_strength": STRENGTH, **MONEY, "total_orders": WHOLE}
DECISION = fields(
    outcome=TEXT, profile_id=or_null(TEXT), merge_id=or_null(TEXT), review_id=or_null(TEXT), kept_apart_by=listed(TEXT)
)
_IDS = ("profile_ids", "split", "gone", "undone_merges", "review_ids")
REPLAY = fields(outcome=TEXT, moved_events=WHOLE, **dict.fromkeys(_IDS, listed(TEXT)))

API_KEY = {"role": known(*ROLES), "created_at": TIME, "revoked_at": or_null(TIME), "last_used_at": or_null(TIME)}
API_KEY |= dict.fromkeys(("key_id", "name", "hint"), TEXT)

# Shapes that have a name, under components.
SHAPES: Mapping[str, Schema] = {
    "ApiKey": fields(**API_KEY),
    "Problem": fields(type=TEXT, title=TEXT, status=WHOLE, detail=TEXT),
    "Identifier": fields(type=known(*TYPES), value=TEXT),
    "Answered": fields(
        event_id=or_null(TEXT),
        type=TEXT,
        profile_id=or_null(TEXT),
        outcome=known(*(outcome.value for outcome in Outcome)),
        merge_id=or_null(TEXT),
        review_id=or_null(TEXT),
    ),
    "Profile": sometimes(
        fields(
            **WHO,
            identifiers=by_name(TEXT),
            all_identifiers=listed(fields(type=known(*TYPES), value=TEXT, first_seen=TIME, last_seen=TIME, source=TEXT)),
            merged_profile_ids=listed(TEXT),
            created_at=TIME,
            first_seen=TIME,
            last_seen=TIME,
            attributes=OBJECT,
        ),
        merged_from=TEXT,
    ),
    "Snapshot": fields(**WHO, identifiers=listed(the("Identifier")), merged_profile_ids=listed(TEXT), attributes=OBJECT),
    "Merge": fields(
        merge_id=TEXT,
        reason=TEXT,
        base_profile_id=TEXT,
        merged_profile_ids=listed(TEXT),
        before=listed(the("Snapshot")),
        after={"anyOf": [the("Snapshot"), {"enum": [{}]}], "description": "Empty where somebody deleted what stood there."},
        decided_by=TEXT,
        decided_at=TIME,
        undone_at=or_null(TIME),
        because=ANYTHING,
    ),
    "Review": fields(
        review_id=TEXT,
        version=WHOLE,
        status=known(*(status.value for status in ReviewStatus)),
        reason=TEXT,
        rule=or_null(TEXT),
        profile_ids=listed(TEXT),
        profiles=listed(the("Profile")),
        event_id=or_null(TEXT),
        created_at=TIME,
    ),
    "Event": fields(
        event_id=TEXT,
        type=TEXT,
        source=TEXT,
        occurred_at=TIME,
        received_at=TIME,
        outcome=TEXT,
        merge_id=or_null(TEXT),
        review_id=or_null(TEXT),
        identifiers=listed(the("Identifier")),
        properties=OBJECT,
    ),
    "Order": fields(
        event_id=TEXT, order_id=or_null(TEXT), status=known("placed", "partially_refunded", "refunded", "cancelled"),
        total=or_null(NUMBER), refunded=or_null(NUMBER), currency=or_null(TEXT), cancelled_at=or_null(TIME),
        items=listed(OBJECT), occurred_at=TIME,
    ),
    "StoreVisit": fields(visit_id=TEXT, check_in_at=TIME, check_out_at=or_null(TIME), duration_minutes=or_null(WHOLE)),
    "ProductIntent": fields(product_id=or_null(TEXT), product_name=or_null(TEXT), score=WHOLE, status=TEXT, shown_at=TIME),
    "Predictions": fields(
        churn_score=CHANCE,
        predicted_ltv=NUMBER,
        predicted_ltv_90=NUMBER,
        predicted_ltv_365=NUMBER,
        segment=TEXT,
        recommendations=listed(TEXT),
        model_version=TEXT,
        model_source=TEXT,
        horizon_days=WHOLE,
        as_of=TIME,
        scored_at=TIME,
    ),
    "Journey": fields(
        stage=TEXT, previous_stage=or_null(TEXT), score=STRENGTH, previous_score=or_null(STRENGTH), next_best_action=TEXT
    ),
    "AutomationExecution": fields(
        execution_id=TEXT, automation_id=TEXT, profile_id=TEXT, trigger=TEXT, channel=TEXT, status=TEXT, reason=or_null(TEXT),
        triggered_at=TIME, as_of=TIME, campaign_id=or_null(TEXT),
    ),
    "CampaignExecution": fields(
        campaign_id=TEXT, execution_id=TEXT, automation_id=TEXT, profile_id=TEXT, channel=TEXT, provider=TEXT, to=TEXT,
        subject=or_null(TEXT), body=or_null(TEXT), status=TEXT, queued_at=TIME, sent_at=or_null(TIME),
    ),
    "ThreeSixty": fields(
        profile=the("Profile"),
        events=listed(the("Event")),
        events_total=WHOLE,
        orders=listed(the("Order")),
        store_visits=listed(the("StoreVisit")),
        product_intents=listed(the("ProductIntent")),
        merge_history=listed(the("Merge")),
        automation_executions=listed(the("AutomationExecution")),
        campaign_executions=listed(the("CampaignExecution")),
        features=or_null(OBJECT),
        predictions=or_null(the("Predictions")),
        unscored_because=or_null(TEXT),
        journey=or_null(the("Journey")),
    ),
    "Graph": fields(
        nodes=listed(fields(id=TEXT, label=TEXT)), edges=listed(fields(source=TEXT, target=TEXT, type=TEXT)), truncated=FLAG
    ),
    "SeenIdentifier": fields(
        type=known(*TYPES), value=TEXT, status=TEXT, declared=or_null(TEXT), seen_with=by_name(WHOLE), first_seen=or_null(TIME)
    ),
    "Automation": fields(
        automation_id=TEXT, name=TEXT, trigger=TEXT, channel=TEXT, template=or_null(TEXT), conditions=listed(OBJECT), active=FLAG,
        version=WHOLE, created_at=TIME, updated_at=TIME,
    ),
    "RulesVersion": fields(
        version=TEXT, status=TEXT, based_on=or_null(TEXT), created_at=or_null(TIME), rules=OBJECT
    ),
    "RulesRun": fields(
        run_id=TEXT, kind=TEXT, version=TEXT, status=TEXT, looked_at=WHOLE, differences=by_name(WHOLE), begun_at=TIME,
        finished_at=or_null(TIME),
    ),
    "JobRun": fields(
        run_id=TEXT, job=TEXT, status=TEXT, as_of=TIME, started_at=TIME, finished_at=or_null(TIME), result=or_null(OBJECT)
    ),
    "Model": fields(model_id=TEXT, kind=TEXT, source=TEXT, horizon_days=WHOLE),
    "Sender": fields(
        source=known(*SENDERS), enabled=FLAG, signed=FLAG, has_write_key=FLAG,
        **dict.fromkeys(("shop_domain", "account_sid", "public_url", "default_country"), or_null(TEXT)),
        changed_at=or_null(TIME), last_delivery=or_null(fields(received_at=TIME)),
    ),
    "Rows": fields(columns=listed(TEXT), rows=listed({"type": "array"}), truncated=FLAG, ms=NUMBER),
}  # fmt: skip

INGESTED = data(fields(events=listed(the("Answered"))))

# By method and path; what takes events (`app/sources`) answers with INGESTED.
ANSWERS: Mapping[str, Schema] = {
    "POST /api/profiles": data(fields(profile_id=TEXT, outcome=TEXT)),
    "GET /api/profiles": page(the("Profile")),
    "GET /api/profiles/{profile_id}": data(the("Profile")),
    "GET /api/profiles/{profile_id}/360": data(the("ThreeSixty")),
    "GET /api/profiles/{profile_id}/graph": data(the("Graph")),
    "GET /api/profiles/{profile_id}/explain": data(fields(profile_id=TEXT)),
    "GET /api/profiles/{profile_id}/prediction": data(
        fields(as_of=TIME, model_version=TEXT, base=NUMBER, contributions=listed(fields(column=TEXT, adds=NUMBER)))
    ),
    "POST /api/profiles/{profile_id}/score": data(OBJECT),
    "POST /api/profiles/{profile_id}/split": data(REPLAY),
    "POST /api/profiles/{profile_id}/export": data(the("ThreeSixty")),
    "POST /api/erasures": data(
        fields(
            dry_run=FLAG,
            erasure_id=or_null(TEXT),
            erased_at=or_null(TIME),
            profile_ids=listed(TEXT),
            events=WHOLE,
            identifiers=WHOLE,
            merges=WHOLE,
            messages=WHOLE,
            others=listed(fields(kind=TEXT, id=TEXT)),
        )
    ),
    "GET /api/erasures": page(fields(erasure_id=TEXT, erased_at=TIME, profile_ids=listed(TEXT), events=WHOLE)),
    "GET /api/data-requests": page(
        fields(
            request_id=TEXT,
            source=TEXT,
            wanted=known("export", "shop_erasure"),
            asked_at=TIME,
            profile_ids=listed(TEXT),
            shop_domain=or_null(TEXT),
        )
    ),
    "GET /api/identifiers": page(the("SeenIdentifier")),
    "GET /api/identifiers/{type_name}/{value}": data(the("SeenIdentifier")),
    "PUT /api/identifiers/{type_name}/{value}": data(the("SeenIdentifier")),
    "GET /api/graph/health": data(OBJECT),
    "POST /api/merges": data(DECISION),
    "GET /api/merges": page(the("Merge")),
    "GET /api/merges/{merge_id}": data(the("Merge")),
    "POST /api/merges/{merge_id}/undo": data(REPLAY),
    "POST /api/merges/{merge_id}/redo": data(REPLAY),
    "POST /api/judgements/{judgement_id}/retract": data(REPLAY),
    "GET /api/merge-queue": page(the("Review")),
    "GET /api/merge-queue/{review_id}": data(the("Review")),
    "POST /api/merge-queue/{review_id}/approve": data(DECISION),
    "POST /api/merge-queue/{review_id}/reject": data(DECISION),
    "GET /api/rules": page(the("RulesVersion")),
    "POST /api/rules": data(the("RulesVersion")),
    "GET /api/rules/{version}": data(the("RulesVersion")),
    "PUT /api/rules/{version}": data(the("RulesVersion")),
    "GET /api/rules/runs": page(the("RulesRun")),
    "GET /api/rules/runs/{run_id}": data(the("RulesRun")),
    "POST /api/rules/{version}/dry-run": data(the("RulesRun")),
    "POST /api/rules/{version}/promote": data(the("RulesRun")),
    "POST /api/rules/{version}/rollback": data(the("RulesRun")),
    "POST /api/rules/runs/{run_id}/cancel": data(the("RulesRun")),
    "GET /api/automations": page(the("Automation")),
    "POST /api/automations": data(the("Automation")),
    "GET /api/automations/{automation_id}": data(the("Automation")),
    "PUT /api/automations/{automation_id}": data(the("Automation")),
    "PATCH /api/automations/{automation_id}": data(the("Automation")),
    "DELETE /api/automations/{automation_id}": data(fields(automation_id=TEXT, deleted=FLAG)),
    "GET /api/automation-executions": page(the("AutomationExecution")),
    "GET /api/campaign-executions": page(the("CampaignExecution")),
    "POST /api/campaign-executions/{campaign_id}/redrive": data(fields(campaign_id=TEXT, status=TEXT)),
    "GET /api/automation-batches": page(fields(batch_id=TEXT, automation_id=TEXT, status=TEXT, people=WHOLE)),
    "POST /api/automation-batches/{batch_id}/approve": data(fields(batch_id=TEXT, status=TEXT, people=WHOLE)),
    "POST /api/automation-batches/{batch_id}/reject": data(fields(batch_id=TEXT, status=TEXT, people=WHOLE)),
    "GET /api/reminders": page(fields(reminder_id=TEXT, way=TEXT, status=TEXT)),
    "POST /api/reminders/{reminder_id}/redrive": data(fields(reminder_id=TEXT, status=TEXT)),
    "GET /api/keys": page(the("ApiKey")),
    "POST /api/keys": data(fields(**API_KEY, key=TEXT)),
    "DELETE /api/keys/{key_id}": data(the("ApiKey")),
    "GET /api/sources": page(the("Sender")),
    "GET /api/sources/{name}": data(the("Sender")),
    "PUT /api/sources/{name}": data(the("Sender")),
    "GET /api/models": page(the("Model")),
    "GET /api/models/drift": page(OBJECT),
    "GET /api/models/{model_id}": data(the("Model")),
    "POST /api/models/roll-back": data(fields(champion=TEXT)),
    "POST /api/models/{model_id}/promote": data(fields(champion=TEXT)),
    "GET /api/jobs": page(fields(name=TEXT, says=TEXT, last_run=or_null(the("JobRun")))),
    "POST /api/jobs/{name}/run": data(fields(job=TEXT)),
    "GET /api/jobs/{name}/runs": page(the("JobRun")),
    "GET /api/streams/{topic}": page(fields(position=WHOLE, type=TEXT)),
    "POST /api/cypher": data(the("Rows")),
    "GET /healthz": fields(status=TEXT),
    "GET /readyz": fields(status=TEXT),
}
