"""A person's word that a message which failed is to be tried once more."""

from collections.abc import Mapping

from app.domain.errors import Conflict, NotFound
from app.graph.driver import Graph
from app.graph.rows import key


async def redrive(graph: Graph, brand_id: str, campaign_id: str, providers: Mapping[str, str]) -> None:
    """Queues a failed message once more, for whoever provides its channel now (`providers` by channel).

    Raises NotFound, and Conflict for one that did not fail or that the provider has.
    """
    asked = {"brand_id": brand_id, "campaign": key(brand_id, campaign_id), "providers": dict(providers)}
    found = await graph.change("act/redrive", asked=asked)
    if not found:
        raise NotFound(f"no message {campaign_id[:128]!r} in this brand; GET /api/campaign-executions lists them")
    if not found[0]["redriven"]:
        raise Conflict(
            f"this message is {found[0]['status']} and went out already, or waits; only one that was not sent is redriven"
        )
