"""docker-compose.yml says what the code understands, and gives Neo4j what the embedded one has."""

import ipaddress
import os
import re
from pathlib import Path

import click
import pytest

from app.cli import main
from app.graph.embedded.config import CONF, REPLAN, Layout, java_command
from app.settings import Settings
from docs.generate import variables
from tests.deploy.compose import COMPOSE, PASSWORD, ROOT, compose_command, instructions, interpolated, run_compose, services

# Where the container must differ: its addresses are the image's own, and an empty value cannot be given by environment
# (empty is the default of `unrestricted`).
OTHERWISE = {
    "server.default_listen_address",
    "server.bolt.listen_address",
    "server.bolt.advertised_address",
    "dbms.security.procedures.unrestricted",
}
# Not in the embedded one's neo4j.conf, because its command line has them.
ON_THE_COMMAND_LINE = {"server.memory.heap.max_size": "-Xmx{}", "server.jvm.additional": "{}"}

# The embedded one's, and the database of a server of one's own: compose's Neo4j has one.
NOT_OF_CONTAINERS = {"neo4j_password", "neo4j_database", "neo4j_bolt_port", "neo4j_heap", "neo4j_pagecache"}


# What compose has another default for: it listens beyond the container's loopback, and is published on the host's alone.
OF_COMPOSE = {"CONSTINTEL_ACCESS": "open"}


def known_variables() -> dict[str, str]:
    """Every environment variable that is a setting, and the field that it sets."""
    return {name: field for field in Settings.model_fields for name in re.findall(r"`(\w+)`", variables(field))}


def neo4j_settings() -> dict[str, str]:
    """The settings that the image's entry point writes into neo4j.conf: `_` was a dot and `__` an underscore."""
    environment = {name: value for name, value in services()["neo4j"]["environment"].items() if name != "NEO4J_AUTH"}
    assert all(name.startswith("NEO4J_") for name in environment)
    return {_dotted(name): value for name, value in environment.items()}


def _dotted(name: str) -> str:
    return name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_")


def test_every_variable_of_the_app_is_a_setting_that_takes_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = services()["app"]["environment"]
    known = known_variables()
    assert set(environment) - set(known) == set()
    for name in known:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        assert isinstance(value, str), f"{name}: quote it, or YAML makes a number or a boolean of it"
        monkeypatch.setenv(name, value)
    chosen = Settings()
    assert chosen.neo4j_uri == "bolt://neo4j:7687"
    assert chosen.neo4j_password is not None
    assert chosen.neo4j_password.get_secret_value() == PASSWORD
    assert ipaddress.ip_address(chosen.host).is_unspecified


def test_what_is_set_in_env_reaches_the_app() -> None:
    """Left out of the file it would be set in .env, and nothing would ever come of it."""
    environment = services()["app"]["environment"]
    fixed = {name for name, value in environment.items() if value and name not in {"NEO4J_PASSWORD", *OF_COMPOSE}}
    fields = {known_variables()[name] for name in fixed}
    others = {names[0] for field in Settings.model_fields if field not in fields | NOT_OF_CONTAINERS
              for names in [re.findall(r"`(\w+)`", variables(field))]}  # fmt: skip
    given = {name: f"a-{name}" for name in others}
    environment = services({"NEO4J_PASSWORD": PASSWORD, **given})["app"]["environment"]
    assert {name: environment.get(name) for name in others} == given
    assert fixed == {
        "NEO4J_URI", "NEO4J_USERNAME", "CONSTINTEL_HOST", "CONSTINTEL_PORT", "CONSTINTEL_HOME", "CONSTINTEL_ENGINE_DIR",
    }  # fmt: skip
    example = (COMPOSE.parent / ".env.example").read_text(encoding="utf-8")
    ways = {name for name in others if name.startswith(("TWILIO_", "SMTP_", "CONSTINTEL_ADMIN_"))}
    assert len(ways) == 11
    assert all(f"#{name}=" in example for name in ways)


def test_what_nobody_sets_has_the_codes_own_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A default written twice drifts apart."""
    offered = re.findall(r"(\w+): \"?\$\{\1:-([^}]*)\}", COMPOSE.read_text(encoding="utf-8"))
    known = known_variables()
    settings = [(name, default) for name, default in offered if name in known]
    assert settings
    for name, default in settings:
        monkeypatch.setenv(name, default)
        assert getattr(Settings(), known[name]) == OF_COMPOSE.get(name, Settings.model_fields[known[name]].default), name


def test_neo4j_is_given_what_the_embedded_one_has() -> None:
    pairs = (line.partition("=") for line in CONF.splitlines() if line and not line.startswith("#"))
    pagecache = str(Settings.model_fields["neo4j_pagecache"].default)
    embedded = {name: value.format(pagecache=pagecache, replan=REPLAN) for name, _, value in pairs if name not in OTHERWISE}
    given = neo4j_settings()
    assert {name: value for name, value in given.items() if name not in ON_THE_COMMAND_LINE} == embedded


def test_neo4j_has_the_embedded_ones_heap_and_ends_when_it_is_full(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "neo4j")
    layout.make()
    line = java_command(tmp_path / "java", layout, [], str(Settings.model_fields["neo4j_heap"].default))
    given = neo4j_settings()
    assert {form.format(given[name]) for name, form in ON_THE_COMMAND_LINE.items()} - set(line) == set()


def test_the_command_is_ours_and_click_takes_it() -> None:
    program, *arguments = services()["app"]["command"]
    assert f'{program} = "app.cli:main"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    name, command, rest = main.resolve_command(click.Context(main), arguments)
    assert command is not None
    assert command.make_context(name, list(rest)).params["with_scenarios"] is False


def test_the_app_waits_for_a_neo4j_that_lets_it_in() -> None:
    app, neo4j = services()["app"], services()["neo4j"]
    assert app["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert "cypher-shell" in neo4j["healthcheck"]["test"][-1]
    assert interpolated(neo4j["environment"]["NEO4J_AUTH"], {}) == f"{app['environment']['NEO4J_USERNAME']}/{PASSWORD}"


def test_only_loopback_is_published() -> None:
    """It starts open: whoever reaches the port may do everything."""
    published = [port for service in services().values() for port in service.get("ports", ())]
    assert len(published) == 1
    host, _, container = str(published[0]).split(":")
    assert ipaddress.ip_address(host).is_loopback
    assert container == services()["app"]["environment"]["CONSTINTEL_PORT"]


def test_no_password_stands_in_the_file() -> None:
    with pytest.raises(KeyError, match="NEO4J_PASSWORD"):
        services({})
    assert not (ROOT / ".env").exists() or ".env\n" in (ROOT / ".gitignore").read_text(encoding="utf-8")


def test_images_name_no_registry_host() -> None:
    images = [str(service["image"]) for service in services().values()]
    images += [rest.split("=")[1] for word, rest in instructions() if word == "ARG"]
    assert all("/" not in image for image in images), images


def test_what_is_mounted_is_declared_and_where_the_app_writes() -> None:
    assert services()["app"]["volumes"] == ["app-data:/data"]
    environment = services()["app"]["environment"]
    assert all(environment[name].startswith("/data/") for name in ("CONSTINTEL_HOME", "CONSTINTEL_ENGINE_DIR"))


def test_compose_itself_reads_the_file(tmp_path: Path) -> None:
    command = compose_command()
    if command is None:
        # Said at the end of the run (conftest.py). On our own machines it must not be missing: .ci/run installs it.
        assert not os.environ.get("CI"), "docker-compose is missing; .ci/run installs Debian's package docker-compose"
        return
    good = run_compose(command, tmp_path / "env", "config", NEO4J_PASSWORD=PASSWORD)
    assert good.returncode == 0, good.stderr
    assert PASSWORD in good.stdout
    bad = run_compose(command, tmp_path / "env", "config")
    assert bad.returncode != 0
    assert "make compose-env" in bad.stderr
