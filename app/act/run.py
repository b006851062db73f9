"""The jobs of automations: find what happened, store it, queue what may go, send what is due. Each step can be stopped."""

from collections.abc import Mapping
from datetime import datetime

from app.act.automations import CART, STATES, active_automations
from app.act.occurrences import trigger_carts, trigger_events
from app.act.queueing import Rules, close_batches, queue_released
from app.act.reports import sweep_reports
from app.act.sending import Patience, Sender
from app.act.stays import trigger_states
from app.domain.progress import Progress
from app.graph.driver import Graph


class Automating:
    """Evaluates the automations of a brand and sends what they say."""

    def __init__(self, graph: Graph, rules: Rules, patience: Patience) -> None:
        self._graph = graph
        self._rules = rules
        self._sender = Sender(graph, rules, patience)

    async def run(self, brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        """All automations: carts, segments, churn, and events."""
        return await self._run(brand_id, as_of, progress, carts_only=False)

    async def run_carts(self, brand_id: str, as_of: datetime, progress: Progress) -> Mapping[str, object]:
        """Those that wait for abandoned carts."""
        return await self._run(brand_id, as_of, progress, carts_only=True)

    async def _run(self, brand_id: str, as_of: datetime, progress: Progress, *, carts_only: bool) -> Mapping[str, object]:
        active = await active_automations(self._graph, brand_id)
        chosen = [one for one in active if one.trigger == CART or not carts_only]
        only = frozenset(one.automation_id for one in chosen) if carts_only else None
        did: dict[str, int] = {"automations": len(chosen), "triggered": 0}
        did["triggered"] += await trigger_carts(self._graph, brand_id, [one for one in chosen if one.trigger == CART], as_of)
        for one in chosen:
            progress(did)
            if one.trigger in STATES:
                did["triggered"] += await trigger_states(self._graph, brand_id, one, as_of)
            elif one.trigger != CART:
                did["triggered"] += await trigger_events(self._graph, brand_id, one, as_of)
        progress(did)
        waiting = await close_batches(self._graph, brand_id, only, self._rules.most_people)
        queued = await queue_released(self._graph, brand_id, active, self._rules, as_of, only)
        did |= {"waiting_for_approval": waiting, "queued": queued.queued, "skipped": queued.skipped}
        progress(did)
        sent = await self._sender.send_due(brand_id, as_of, only)
        did["reports"] = await sweep_reports(self._graph, brand_id)
        did |= {"sent": sent.sent, "failed": sent.failed, "later": sent.later}
        did["skipped"] += sent.skipped
        return did
