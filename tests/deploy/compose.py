"""docker-compose.yml and the Dockerfile as the tests read them, without a container engine."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
PASSWORD = "a-password-of-the-tests"

_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Z][A-Z0-9_]*)(?::(?P<sign>[-?])(?P<rest>[^}]*))?\})")


def interpolated(text: str, given: Mapping[str, str]) -> str:
    """What compose makes of `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`. Raises KeyError for what is missing."""

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return "$"
        if match["sign"] == "-":
            return given.get(name) or match["rest"]
        return given[name]

    return _VARIABLE.sub(value, text)


def services(given: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Each service of the file, interpolated."""
    text = interpolated(COMPOSE.read_text(encoding="utf-8"), {"NEO4J_PASSWORD": PASSWORD} if given is None else given)
    return dict(yaml.safe_load(text)["services"])


def compose_command() -> list[str] | None:
    """How compose is called on this machine; None where it is not."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        return [docker, "compose"]
    return None


def run_compose(command: list[str], empty: Path, *arguments: str, **given: str) -> "subprocess.CompletedProcess[str]":
    """Compose on the file, where nothing else may speak for a missing variable: no environment, and a .env that is `empty`."""
    empty.touch()
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | given
    return subprocess.run(
        [*command, "--env-file", str(empty), "-f", str(COMPOSE), *arguments],
        capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order: keyword and the rest, continuation lines joined, comments left out."""
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.strip().partition(" ") for line in joined if line.strip())]


def last(keyword: str) -> str:
    """The rest of the last instruction of this kind. Raises IndexError when there is none."""
    return [rest for word, rest in instructions() if word == keyword][-1]


def image_environment() -> dict[str, str]:
    """What the final stage's ENV sets."""
    pairs = (pair.partition("=") for pair in last("ENV").split())
    return {name: value for name, _, value in pairs}


def exec_form(text: str) -> list[str]:
    """`["a", "b"]` of CMD, ENTRYPOINT or HEALTHCHECK. Raises ValueError for the shell form."""
    return [str(part) for part in json.loads(text)]
