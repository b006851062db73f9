"""What pages have at hand beside the graph: the parts of the service that admins run. Put together in app/main.py."""

from collections.abc import Callable
from dataclasses import dataclass

from app.act.jobs import Runner
from app.act.queueing import Rules as MessageRules
from app.domain.figures import Figures
from app.graph.cypher_door import Read
from app.graph.rulebook import RuleBook
from app.graph.senders import Senders
from app.review.rehearse import GoOn, Rehearsal


@dataclass(frozen=True, slots=True)
class Desk:
    """`read` is None in a service that was started without a Cypher door; `sending` is what messages go by."""

    read: Read | None
    sending: MessageRules
    book: RuleBook
    rehearsal: Rehearsal
    go_on: GoOn
    runner: Runner
    figures: Callable[[], Figures]
    senders: Senders
