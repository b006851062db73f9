"""The Dockerfile keeps what the README promises of it. There is no engine here to build it with."""

import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import Settings
from tests.deploy.compose import ROOT, exec_form, image_environment, instructions, last, services


def test_all_stages_have_the_one_base_which_can_be_pinned() -> None:
    assert instructions()[0] == ("ARG", "PYTHON_IMAGE=python:3.11-slim-bookworm")
    assert [rest for word, rest in instructions() if word == "FROM"] == [
        "${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE} AS browser", "${PYTHON_IMAGE}",
    ]  # fmt: skip
    assert services()["app"]["build"]["args"] == {"PYTHON_IMAGE": "python:3.11-slim-bookworm"}


def test_what_is_installed_is_locked() -> None:
    installs = [part for word, rest in instructions() if word == "RUN" for part in rest.split("&&") if "pip install" in part]
    assert len(installs) == 3
    assert "--require-hashes --only-binary :all: -r requirements/base.txt" in installs[0]
    assert "--no-deps --no-build-isolation --editable ." in installs[1]
    assert "--require-hashes --only-binary :all: -r requirements/node.txt" in installs[2]
    assert ("RUN", "node/bin/npm ci --ignore-scripts --omit=dev") in instructions()


def test_it_does_not_run_as_root_and_ends_by_sigterm() -> None:
    assert int(last("USER").split(":")[0]) > 0
    assert last("STOPSIGNAL") == "SIGTERM"


def test_the_image_sets_only_what_is_a_setting_and_writes_only_into_its_volume() -> None:
    environment = image_environment()
    ours = {name for name in environment if name.startswith("CONSTINTEL_")}
    assert {name.removeprefix("CONSTINTEL_").lower() for name in ours} <= set(Settings.model_fields)
    (volume,) = exec_form(last("VOLUME"))
    assert all(environment[name].startswith(volume) for name in ("HOME", "CONSTINTEL_HOME", "CONSTINTEL_ENGINE_DIR"))
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"
    assert last("EXPOSE") == environment["CONSTINTEL_PORT"]
    assert "CONSTINTEL_HOST" not in environment, "who may reach it is decided where its port is published"


def test_the_command_is_composes_own() -> None:
    assert exec_form(last("CMD")) == services()["app"]["command"]


def test_the_builder_is_sent_what_is_copied_and_nothing_else() -> None:
    """Everything is kept out but what is named: a secret, a store or a cache cannot end up in a layer."""
    lines = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    sent = {line[1:] for line in lines if line.startswith("!")}
    assert sent == {
        ".npmrc", "LICENSE", "THIRD_PARTY.md", "app", "cypher", "docker-entrypoint.sh", "graph_migrations", "package-lock.json",
        "package.json", "pyproject.toml", "requirements",
    }  # fmt: skip
    assert all((ROOT / name).exists() for name in sent)


class TestEntryPoint:
    """What the entry point does before the command it is given, with a `python` that only tells what it was asked."""

    def run(self, tmp_path: Path, *command: str, **given: str) -> list[str]:
        entry = exec_form(last("ENTRYPOINT"))
        assert entry[-1].endswith("/docker-entrypoint.sh")
        for name in ("python", "constintel"):
            stub = tmp_path / name
            stub.write_text(f'#!/bin/sh\necho {name} "$@"\n')
            stub.chmod(0o755)
        return self.entry(tmp_path, *command, **given)

    def entry(self, tmp_path: Path, *command: str, **given: str) -> list[str]:
        entry = exec_form(last("ENTRYPOINT"))
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CONSTINTEL_ENGINE_DIR": "/data/engine", **given}
        done = subprocess.run(
            [*entry[:-1], str(ROOT / "docker-entrypoint.sh"), *command],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.splitlines()

    def test_it_fetches_the_engine_when_no_neo4j_is_named(self, tmp_path: Path) -> None:
        first = ["python -m app.graph.embedded.fetch install --engine-dir /data/engine", "constintel neo4j prepare"]
        assert self.run(tmp_path, "constintel", "serve") == [*first, "constintel serve"]
        assert self.run(tmp_path, "constintel", "serve", NEO4J_URI="") == [*first, "constintel serve"]

    def test_it_fetches_nothing_otherwise(self, tmp_path: Path) -> None:
        serve = ["constintel", "serve", "--port", "3001"]
        assert self.run(tmp_path, *serve, NEO4J_URI="bolt://neo4j:7687") == [shlex.join(serve)]
        assert self.run(tmp_path, *serve, CONSTINTEL_NEO4J_URI="bolt://neo4j:7687") == [shlex.join(serve)]
        assert self.run(tmp_path, "constintel", "--version") == ["constintel --version"]

    def test_a_stop_while_it_fetches_is_passed_on_and_starts_nothing(self, tmp_path: Path) -> None:
        said = tmp_path / "said"
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\ntrap 'echo told >> {said}; exit 1' TERM\necho begun >> {said}\nsleep 30 & wait\n")
        (tmp_path / "constintel").write_text(f"#!/bin/sh\necho served >> {said}\n")
        for stub in (python, tmp_path / "constintel"):
            stub.chmod(0o755)
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "CONSTINTEL_ENGINE_DIR": "/data/engine"}
        entry = subprocess.Popen(["/bin/sh", ROOT / "docker-entrypoint.sh", "constintel", "serve"], env=environment)
        eventually(said.exists)
        entry.terminate()
        assert entry.wait(timeout=10) == 128 + signal.SIGTERM
        eventually(lambda: said.read_text().split() == ["begun", "told"])

    def test_a_fetch_that_fails_starts_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "python").write_text("#!/bin/sh\nexit 7\n")
        (tmp_path / "python").chmod(0o755)
        with pytest.raises(subprocess.CalledProcessError, match="exit status 7"):
            self.entry(tmp_path, "constintel", "serve")


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_readme_tells_how_to_pin() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"PYTHON_IMAGE=python:3\.11-slim-bookworm@sha256:", readme)
