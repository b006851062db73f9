"""What the service does by itself: its jobs, the clock that runs them, and the ways out that messages take."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from app.act.channels.base import Channel
from app.act.channels.sandbox import Sandbox
from app.act.jobs import Job, Runner
from app.act.queueing import Rules as MessageRules
from app.act.reminders.job import Admins, Reminding
from app.act.run import Automating
from app.act.sending import Patience
from app.domain.consent import CHANNELS
from app.domain.errors import JobRunning
from app.domain.progress import Progress
from app.graph.driver import Graph
from app.ingest.parked import release
from app.ingest.transaction import Brand
from app.learn.drift_job import drift
from app.learn.feature_job import build_features
from app.learn.prediction_job import predict
from app.learn.training_job import train
from app.publish.follow import Streams
from app.review.rehearse import GoOn, Rehearsal
from app.settings import Settings

if TYPE_CHECKING:
    from app.act.scheduler import Scheduler


def _learning(graph: Graph) -> dict[str, Job]:
    return {
        "features": Job(partial(build_features, graph), "Builds the features of people who changed.", lease="learning"),
        "predictions": Job(partial(predict, graph), "Features, then scores, segments and journeys.", lease="learning"),
        "training": Job(partial(train, graph), "Trains the brand's own models and tries them on its latest days."),
        "drift": Job(partial(drift, graph), "Compares people with those of the week before."),
    }


def jobs(
    graph: Graph,
    settings: Settings,
    sending: MessageRules,
    streams: Streams,
    brand_for: Callable[[str], Brand],
    rehearsal: Rehearsal,
) -> dict[str, Job]:
    """Every job by name: what it does with a brand at a clock."""

    async def maintenance(brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
        return {"released": await release(graph, brand_for(brand_id)), "expired": await streams.expire(brand_id)}

    async def outbox(brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
        return {"placed": await streams.place(brand_id)}

    async def rules(brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
        return await rehearsal.go_on(brand_id, progress)

    async def rebuild(brand_id: str, as_of: datetime, progress: Progress) -> dict[str, object]:
        return await rehearsal.rebuild(brand_id, progress)

    automating = Automating(graph, sending, Patience(settings.send_timeout_s, settings.send_backoff_s))
    return {
        **_learning(graph),
        "cart-abandonment": Job(automating.run_carts, "Writes to people who left a cart.", lease="automations"),
        "automations": Job(automating.run, "Evaluates every automation and sends what they say.", lease="automations"),
        "reminders": Job(_reminding(graph, settings, sending).run, "Tells admins of reviews that are new or have waited long."),
        "rules": Job(rules, "Takes a dry run, a rebuild or a change of rules that is under way to its end."),
        "rebuild": Job(rebuild, "Makes everybody anew from the evidence, and says what stood otherwise.", lease="rules"),
        "outbox": Job(outbox, "Gives new events their places in the streams."),
        "maintenance": Job(maintenance, "Resolves parked events; lets go of entries of streams past the retention."),
    }


def _reminding(graph: Graph, settings: Settings, sending: MessageRules) -> Reminding:
    secret, webhook = settings.admin_webhook_secret, None
    if settings.admin_webhook_url and secret:
        from app.act.reminders.webhook import Webhook  # noqa: PLC0415 - with its HTTP client, for those who use it

        webhook = Webhook(settings.admin_webhook_url, secret.get_secret_value(), settings.send_timeout_s)
    admins = Admins(settings.admin_emails, webhook, settings.review_ageing_days, settings.public_url or "")
    return Reminding(graph, admins, sending.channels["email"], settings.send_timeout_s, settings.send_backoff_s)


def scheduled(graph: Graph, runner: Runner) -> "Scheduler":
    from app.act.scheduler import Scheduler, all_brands  # noqa: PLC0415 - a third of a second, for those who use it

    scheduler = Scheduler(runner, lambda: all_brands(graph))
    scheduler.start()
    return scheduler


def ways_out(settings: Settings) -> dict[str, Channel]:
    """The way out by channel: a real one where there are credentials, else the sandbox."""
    ways: dict[str, Channel] = dict.fromkeys(CHANNELS, Sandbox())
    senders = {"whatsapp": settings.twilio_whatsapp_from, "sms": settings.twilio_sms_from}
    given = {name: sender for name, sender in senders.items() if sender}
    if settings.twilio_account_sid and settings.twilio_auth_token and given:
        from app.act.channels.twilio import Account, Twilio  # noqa: PLC0415 - half a second, for those who use it

        token = settings.twilio_auth_token.get_secret_value()
        callback, base = settings.twilio_status_callback, settings.twilio_api_base
        account = Account(settings.twilio_account_sid, token, given, base, callback)
        ways |= dict.fromkeys(given, Twilio(account, settings.send_timeout_s))
    if settings.smtp_url and settings.smtp_from:
        from app.act.channels.email import Email, server_of  # noqa: PLC0415

        ways["email"] = Email(server_of(settings.smtp_url.get_secret_value(), settings.smtp_from), settings.send_timeout_s)
    return ways


def rehearser(runner: Runner) -> GoOn:
    async def rehearse(brand_id: str) -> None:
        """Where another process has the lease it takes this run along, or the next turn of the scheduler does."""
        with suppress(JobRunning):
            await runner.run_alongside("rules", brand_id, None, wait_s=1.0)

    return rehearse
