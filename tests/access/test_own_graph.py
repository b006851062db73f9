"""A service from its first start to keys, with a graph of its own: it stands open until somebody makes the first key."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.graph.api_keys import KNOWN_FOR_S
from tests.processes import Service, constintel, environment, free_port

IN_TIME_S = KNOWN_FOR_S + 10.0  # a busy machine is no failure
BRAND = "shop"


class Shell:
    """The command line of one home."""

    def __init__(self, folder: Path, engine_dir: Path) -> None:
        self.folder = folder
        self.given = environment(
            None,
            CONSTINTEL_HOME=str(folder / "home"),
            CONSTINTEL_ENGINE_DIR=str(engine_dir),
            CONSTINTEL_NEO4J_HEAP="512m",
            CONSTINTEL_NEO4J_PAGECACHE="64m",
            CONSTINTEL_NEO4J_BOLT_PORT=str(free_port()),  # who else starts one meanwhile looks for 7687
        )
        self._count = 0

    def run(self, *arguments: str, **given: str) -> tuple[int, str]:
        """The exit code, and what it said."""
        self._count += 1
        process = constintel(self.folder / f"{self._count}.log", {**self.given, **given}, *arguments)
        return process.wait(120), process.said()

    def ok(self, *arguments: str, **given: str) -> str:
        code, said = self.run(*arguments, **given)
        assert code == 0, said
        return said

    def make_key(self, role: str) -> str:
        said = self.ok("keys", "create", "--brand", BRAND, "--role", role, "--name", f"the {role}")
        return next(line for line in said.splitlines() if line.startswith("ci_"))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, engine_dir: Path) -> Iterator[Shell]:
    opened = Shell(tmp_path_factory.mktemp("keys"), engine_dir)
    opened.ok("neo4j", "start")
    yield opened
    opened.ok("neo4j", "stop")


def test_a_first_key_is_made_where_no_service_runs(shell: Shell) -> None:
    code, said = shell.run("keys", "create", "--brand", BRAND, "--role", "admin", "--name", "x")
    assert (code, f"constintel brand create {BRAND}" in said) == (1, True)
    assert "brand shop stands" in shell.ok("brand", "create", BRAND)
    code, said = shell.run("keys", "create", "--brand", BRAND, "--role", "ingest", "--name", "till")
    assert (code, "must be of role admin" in said) == (1, True)
    assert shell.run("brand", "create", "No Brand")[0] == 1
    assert "brand shop has no keys" in shell.ok("keys", "list", "--brand", BRAND)


def test_a_service_stands_open_until_the_first_key_and_asks_for_one_from_then_on(shell: Shell) -> None:
    service = Service(shell.folder / "service.log", shell.given)
    service.start()
    service.wait_ready()
    try:
        with httpx.Client(base_url=service.url, headers={"x-brand-id": BRAND}, timeout=30) as client:
            _until_the_first_key(shell, client)
            _from_then_on(shell, client, service.url)
    finally:
        service.stop()


def _until_the_first_key(shell: Shell, client: httpx.Client) -> None:
    assert client.get("/api/profiles").status_code == 200
    refused = client.post("/api/keys", json={"role": "ingest", "name": "till"})
    assert (refused.status_code, "must be of role admin" in refused.json()["detail"]) == (409, True)


def _from_then_on(shell: Shell, client: httpx.Client, url: str) -> None:
    key = shell.make_key("admin")  # beside the service, whose Neo4j stays its own
    shown = {"authorization": f"Bearer {key}"}
    until = time.monotonic() + IN_TIME_S
    while client.get("/api/profiles").status_code != 401:
        assert time.monotonic() < until, "it still stands open"
        time.sleep(0.2)
    assert client.get("/api/profiles", headers=shown).status_code == 200
    alone = client.post("/api/cypher", json={"query": "MATCH (b:Brand) RETURN b.brand_id"}, headers=shown)
    assert alone.json()["data"]["rows"] == [[BRAND]]
    assert "the graph is migrated" in shell.ok("migrate")
    shell.ok("brand", "create", "second")
    assert shell.ok("brand", "list").split() == ["second", BRAND]
    assert client.post("/api/cypher", json={"query": "RETURN 1"}, headers=shown).status_code == 403

    run = ("jobs", "run", "outbox", "--brand", BRAND, "--url", url)
    code, said = shell.run(*run)
    assert (code, "401" in said) == (1, True)
    shell.ok(*run, CONSTINTEL_API_KEY=key)

    listed = shell.ok("keys", "list", "--brand", BRAND).splitlines()[-1]
    assert (key[-4:] in listed, key in listed) == (True, False)
    assert "revoked" in shell.ok("keys", "revoke", listed.split()[0], "--brand", BRAND)
    assert shell.run("keys", "revoke", "nobody", "--brand", BRAND)[0] == 1
    until = time.monotonic() + IN_TIME_S
    while client.get("/api/profiles", headers=shown).status_code != 401:
        assert time.monotonic() < until, "it still takes the key"
        time.sleep(0.2)
