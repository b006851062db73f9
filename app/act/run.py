"""The jobs of automations: find what happened, store it, queue what may go, send what is due. Each step can be stopped."""

from collections.abc import Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.act.automations import CART, STATES, Automation, active_automations
from app.act.occurrences import trigger_carts, trigger_events
from app.act.queueing import Rules, close_batches, queue_released
from app.act.reports import sweep_reports
from app.act.sending import Patience, Sender
from app.act.stays import trigger_states
from app.domain.errors import JobLost
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
        broken: list[Exception] = []
        for found in self._triggers(brand_id, chosen, as_of):
            progress(did)
            try:
                did["triggered"] += await found
            except JobLost:
                raise
            except Exception as error:  # noqa: BLE001 - told below: what one automation meets keeps no message of the others back
                broken.append(error)
        progress(did)
        waiting = await close_batches(self._graph, brand_id, only, self._rules.most_people)
        queued = await queue_released(self._graph, brand_id, active, self._rules, as_of, only)
        did |= {"waiting_for_approval": waiting, "queued": queued.queued, "skipped": queued.skipped}
        progress(did)
        sent = await self._sender.send_due(brand_id, as_of, only)
        did["reports"] = await sweep_reports(self._graph, brand_id)
        did |= {"sent": sent.sent, "failed": sent.failed, "later": sent.later}
        did["skipped"] += sent.skipped
        if broken:
            progress(did)
            raise broken[0]
        return did

    def _triggers(self, brand_id: str, chosen: Sequence[Automation], as_of: datetime) -> Iterator[Coroutine[Any, Any, int]]:
        """Each looks for what has happened, and says of how much it is told."""
        yield trigger_carts(self._graph, brand_id, [one for one in chosen if one.trigger == CART], as_of)
        for one in chosen:
            if one.trigger in STATES:
                yield trigger_states(self._graph, brand_id, one, as_of)
            elif one.trigger != CART:
                yield trigger_events(self._graph, brand_id, one, as_of)
