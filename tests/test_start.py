"""A start that cannot be: one line that says what is wrong and how to mend it, whatever the environment holds."""

import os
import resource
from types import SimpleNamespace
from typing import cast

import pytest
from click.testing import CliRunner

from app import cli
from app.domain.errors import SetUpError
from app.graph.driver import Graph, rows
from app.graph.embedded import EmbeddedNeo4j, Neo4jAddress, Neo4jStatus
from app.graph.embedded.process import free_port
from app.running import open_graph
from app.service import allow_open_files, attach_neo4j
from app.settings import Settings

LOGIN = {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": "secret-1"}
BAD_SETTINGS = [
    *(
        ({**LOGIN, "NEO4J_URI": uri}, "NEO4J_URI: must be bolt://")
        for uri in (
            "nonsense",
            "http://localhost:7474",
            "bolt://localhost:99999",
            "bolt://localhost:x",
            "bolt://:7687",
            "bolt://[::1",
            "bolt://neo4j:secret-1@localhost",
        )
    ),
    ({"NEO4J_URI": "bolt://localhost", "NEO4J_PASSWORD": ""}, "NEO4J_PASSWORD is not"),
    ({"CONSTINTEL_PORT": "99999"}, "CONSTINTEL_PORT: "),
    ({"CONSTINTEL_LOG_LEVEL": "loud"}, "CONSTINTEL_LOG_LEVEL: "),
    ({"MAX_AUTO_MERGE_PROFILES": "0"}, "MAX_AUTO_MERGE_PROFILES: "),
    ({"CONSTINTEL_SOURCE_PRIORITY": '{"city": "pos"}'}, "CONSTINTEL_SOURCE_PRIORITY.city: "),
    ({"CONSTINTEL_DEFAULT_COUNTRY": "UK"}, "CONSTINTEL_DEFAULT_COUNTRY: must be an ISO 3166 country"),
    ({"CONSTINTEL_DEFAULT_CURRENCY": "EURO"}, "CONSTINTEL_DEFAULT_CURRENCY: must be an ISO 4217 currency"),
    ({"CONSTINTEL_DEFAULT_CURRENCY": "XXY"}, "CONSTINTEL_DEFAULT_CURRENCY: must be an ISO 4217 currency"),
    ({"CONSTINTEL_NEO4J_HEAP": "1024"}, "CONSTINTEL_NEO4J_HEAP: must be a number of megabytes"),
    ({"CONSTINTEL_NEO4J_PAGECACHE": "512k"}, "CONSTINTEL_NEO4J_PAGECACHE: must be a number of megabytes"),
]


@pytest.mark.parametrize(("environment", "said"), BAD_SETTINGS, ids=str)
def test_a_setting_that_cannot_be_is_named_as_it_was_given(
    environment: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.settings.cache_clear()
    result = CliRunner().invoke(cli.main, ["migrate"], env=environment)
    cli.settings.cache_clear()
    assert result.exit_code == 1
    assert said in result.output
    assert "secret-1" not in result.output
    assert "Traceback" not in result.output


def test_a_variable_that_is_set_to_nothing_is_as_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("CONSTINTEL_", "NEO4J_", "TWILIO_", "SMTP_")) or name == "MAX_AUTO_MERGE_PROFILES":
            monkeypatch.delenv(name)
    unset = Settings()
    for name, field in Settings.model_fields.items():
        for variable in field.validation_alias.choices if field.validation_alias else [f"CONSTINTEL_{name.upper()}"]:
            monkeypatch.setenv(variable, "")
    assert Settings() == unset


def test_the_service_may_have_as_many_connections_as_the_system_lets_it() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, most))
    allow_open_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, most)


async def said_of(uri: str, address: Neo4jAddress, password: str | None = None, database: str | None = None) -> str:
    with pytest.raises(SetUpError) as caught:
        async with open_graph(Neo4jAddress(uri, address.username, password or address.password), database, print):
            pass
    assert "\n" not in caught.value.detail
    return caught.value.detail


async def test_one_that_took_too_long_is_said_to_have(graph: Graph, neo4j_address: Neo4jAddress) -> None:
    with pytest.raises(SetUpError, match=r"one\. Neo4j did not answer within 0 s"):
        async with open_graph(neo4j_address, None, print) as opened:
            await opened.look(lambda tx: rows(tx, "read/ready", {}), patience_s=0)


async def test_a_neo4j_that_cannot_be_used_is_told_in_a_line(neo4j_address: Neo4jAddress) -> None:
    right = neo4j_address.uri
    port = free_port()
    for uri, what in (
        (f"bolt://127.0.0.1:{port}", "refused|Connect call failed"),
        (f"neo4j://127.0.0.1:{port}", "routing"),
        (right.replace("bolt://", "bolt+s://"), "encryption"),
    ):
        said = await said_of(uri, neo4j_address)
        assert uri in said
        assert "NEO4J_URI" in said
        assert any(word in said for word in what.split("|")), said
    assert "NEO4J_PASSWORD" in await said_of(right, neo4j_address, password="wrong")
    assert "NEO4J_DATABASE" in await said_of(right, neo4j_address, database="nosuch")
    assert "NEO4J_DATABASE" in await said_of(right.replace("bolt://", "neo4j://"), neo4j_address, database="nosuch")


async def test_a_command_waits_for_the_neo4j_of_a_service_that_is_starting() -> None:
    """It asked at once, and told people to start what was starting, or to stop it."""
    seen = iter([
        Neo4jStatus(running=False, owner_pid=7),
        Neo4jStatus(running=True, owner_pid=7),
        Neo4jStatus(running=True, listening=True, owner_pid=7),
    ])  # fmt: skip
    address, told = Neo4jAddress("bolt://127.0.0.1:9", "neo4j", "x"), list[str]()
    embedded = cast("EmbeddedNeo4j", SimpleNamespace(status=lambda: next(seen), address=address))
    async with attach_neo4j(Settings(neo4j_uri=None), embedded, told.append) as found:
        assert found is address
    assert told == ["the Neo4j of process 7 does not answer yet; waiting for it"]
