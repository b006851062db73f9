"""What the driver's exceptions mean, in the domain's words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DatabaseError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from app.domain.errors import ConstIntelError, SetUpError, Unavailable

SECURITY = "Neo.ClientError.Security."
LOCKED_OUT = f"{SECURITY}AuthenticationRateLimit"  # for five seconds, after three wrong passwords of anybody
NO_SUCH_DATABASE = "Neo.ClientError.Database.DatabaseNotFound"
NOT_BEGUN = "Neo.DatabaseError.Transaction."  # none begins any more: an earlier one met a full disk, or worse
NOT_ENDED = "Neo.DatabaseError.Transaction.TransactionCommitFailed"  # what is in the log already comes back with a restart
TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"  # also ...ClientConfiguration: it calls its own limit ours
# Somebody ended it, or its time was over while it waited for a lock. The driver has made client errors of what the server calls
# transient, because to run it again unasked would be against whoever ended it.
ENDED = tuple(f"Neo.ClientError.Transaction.{how}" for how in ("Terminated", "LockClientStopped"))


class CommitUnknown(Unavailable):
    """COMMIT may have been sent and no answer came: stored or not, only reading tells."""


@contextmanager
def said_plainly() -> Iterator[None]:
    """Raises SetUpError for what only another setting mends, CommitUnknown for a commit without an answer, Unavailable for
    what trying again may mend. What Neo4j says of a statement passes as it is."""
    try:
        yield
    except AuthError as error:
        raise SetUpError(
            f"Neo4j refused the user name or password ({_said(error)}); check NEO4J_USERNAME and NEO4J_PASSWORD"
        ) from error
    except (ClientError, DatabaseError) as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from error
    except ConfigurationError as error:
        raise SetUpError(f"the Neo4j driver does not take this configuration ({error}); check NEO4J_URI") from error
    except IncompleteCommit as error:
        raise CommitUnknown("the connection to Neo4j was lost during a commit; not acknowledged, try again") from error
    except (ServiceUnavailable, SessionExpired, TransientError, DriverError, OSError) as error:
        raise Unavailable(
            f"Neo4j did not answer in time ({type(error).__name__}); nothing was acknowledged, try again"
        ) from error


def _ours(error: ClientError | DatabaseError) -> ConstIntelError | None:
    """What it is when it is not what Neo4j says of a statement."""
    return next((means(_said(error)) for code, means in _MEANS if (error.code or "").startswith(code)), None)


def _said(error: Neo4jError) -> str:
    return " ".join((error.message or error.code or "").split()).rstrip(".")


# By how a code begins; the first that fits counts.
_MEANS: tuple[tuple[str, Callable[[str], ConstIntelError]], ...] = (
    (NO_SUCH_DATABASE, lambda said: SetUpError(f"{said}; check NEO4J_DATABASE, or unset it for the user's home database")),
    (TIMED_OUT, lambda _: Unavailable("Neo4j ended a transaction that took too long; nothing was acknowledged, try again")),
    *(
        (code, lambda _: Unavailable("Neo4j ended a transaction before it was through; nothing was acknowledged, try again"))
        for code in ENDED
    ),
    (
        LOCKED_OUT,
        lambda _: Unavailable("Neo4j lets nobody in for five seconds, since somebody tried wrong passwords; try again then"),
    ),
    (SECURITY, lambda said: SetUpError(f"Neo4j does not let this user do this ({said}); check NEO4J_USERNAME")),
    (NOT_ENDED, lambda _: CommitUnknown("Neo4j failed at a commit, perhaps for want of disk; not acknowledged, try again")),
    (
        NOT_BEGUN,
        lambda _: Unavailable("Neo4j has to be restarted, perhaps for want of disk; nothing was acknowledged, try again"),
    ),
)
