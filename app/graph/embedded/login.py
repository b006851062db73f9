"""Does this Bolt address let us in?"""

from dataclasses import dataclass, field

from neo4j import GraphDatabase
from neo4j.exceptions import (
    ClientError,
    ConnectionAcquisitionTimeoutError,
    DatabaseError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from app.graph.embedded.config import HOST, USERNAME
from app.graph.failures import LOCKED_OUT, NOT_BEGUN


@dataclass(frozen=True, slots=True)
class Neo4jAddress:
    """Where a Neo4j answers and how to get in. The password stays out of logs and tracebacks."""

    uri: str
    username: str
    password: str = field(repr=False)

    @classmethod
    def local(cls, port: int, password: str) -> "Neo4jAddress":
        """The embedded Neo4j on this Bolt port."""
        return cls(f"bolt://{HOST}:{port}", USERNAME, password)


def can_log_in(address: Neo4jAddress, patience_s: float = 5.0) -> bool:
    """Whether a session answers there; False while it is not up yet, hangs, has to be restarted, or lets nobody in for a few
    seconds because somebody tried wrong passwords.

    Raises neo4j.exceptions.AuthError when the server is up and refuses the password.
    """
    try:
        _ask(address, patience_s)
    except ClientError as error:
        if error.code != LOCKED_OUT:
            raise
        return False
    except (ServiceUnavailable, SessionExpired, TransientError, DatabaseError, ConnectionAcquisitionTimeoutError):
        return False
    return True


def must_be_restarted(address: Neo4jAddress, patience_s: float = 2.0) -> bool:
    """Whether it answers that it begins no transaction any more: its disk was full, or worse, and only a restart mends that."""
    try:
        _ask(address, patience_s)
    except DatabaseError as error:
        return (error.code or "").startswith(NOT_BEGUN)
    except (Neo4jError, DriverError, OSError):
        return False
    return False


def _ask(address: Neo4jAddress, patience_s: float) -> None:
    auth = (address.username, address.password)
    with (
        # A Neo4j that hangs takes connections and says nothing; whoever is told to stop meanwhile waits for this.
        GraphDatabase.driver(
            address.uri, auth=auth, connection_timeout=patience_s, connection_acquisition_timeout=patience_s
        ) as driver,
        driver.session() as session,
    ):
        session.run("RETURN 1").consume()
