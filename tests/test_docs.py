"""Documentation that cannot rot: the reference is what the code says, and the README's commands exist."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import main
from app.domain.identifiers import TYPES
from app.graph.queries import names, query
from app.publish.topics import CHANGES, TOPICS
from app.resolve.rules import RULES
from app.settings import Settings
from docs.generate import TARGET, metrics, reference, routes, variables

ROOT = Path(__file__).resolve().parents[1]


def test_the_reference_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == reference(), "run: make docs"


@cache
def described() -> dict[str, str]:
    """What the reference says of each thing in its tables: the last column, by each name in the first."""
    rows = [line.strip("| ").split(" | ") for line in TARGET.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name.strip(" `"): row[-1].strip() for row in rows for name in row[0].split(",")}


THINGS = [
    *(name.strip(" `") for field in Settings.model_fields for name in variables(field).split(",")),
    *(route for route, _ in routes()),
    *(name for name, _, _ in metrics()),
    *TOPICS,
    *CHANGES,
    *TYPES,
    *(rule.__name__ for rule in RULES),
    *(f"cypher/{name}.cypher" for name in names()),
]


@pytest.mark.parametrize("thing", THINGS)
def test_everything_is_documented(thing: str) -> None:
    """A setting, route, metric, identifier type, rule or statement, with words of its own."""
    assert len(described()[thing].split()) >= 2, f"{thing} has no description in {TARGET.name}"


def test_the_reference_has_no_other_routes_than_there_are() -> None:
    documented = {name for name in described() if name.split(" ")[0] in {"GET", "POST", "PUT", "PATCH", "DELETE"}}
    assert documented == {route for route, _ in routes()}


def test_no_statement_is_without_a_caller() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    names = [path.relative_to(ROOT / "cypher").with_suffix("").as_posix() for path in (ROOT / "cypher").rglob("*.cypher")]
    assert [name for name in names if f'"{name}"' not in code] == []


GROUP = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\})")


def taken(text: str) -> tuple[str, set[str]]:
    """What a statement's header says goes in: the names, and whose fields they are when it is one map."""
    header = " ".join(
        line.removeprefix("//").strip() for line in takewhile(lambda line: line.startswith("//"), text.splitlines())
    )
    told = header.partition(" in: ")[2].partition(" out: ")[0]
    while GROUP.search(told):  # what stands in brackets tells of the name before it
        told = GROUP.sub("", told)
    one, _, listed = told.partition(".")[0].rpartition(":")
    return one, {name.strip() for name in re.split(r",|;| and ", listed) if name.strip()}


@pytest.mark.parametrize("name", [name for name in names() if not name.startswith("cookbook/")])
def test_a_statements_header_names_what_it_takes(name: str) -> None:
    text = query(name)
    one, listed = taken(text)
    code = re.sub(r"//.*", "", text)
    if one:
        assert set(re.findall(r"\$(\w+)", code)) == {one}
        assert set(re.findall(rf"\${one}\.(\w+)", code)) == listed
    else:
        assert set(re.findall(r"\$(\w+)", code)) == listed


def test_the_readme_names_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("run", "test", "serve", "bench", "lint"):
        assert f"make {target}" in readme
        assert f"\n{target}:" in makefile


GUIDES = ("README.md", "docs/outages.md", "docs/identity.md", "docs/questions.md")
BY_SUBJECT = "docs/decisions_by_subject.md"
COMMAND = re.compile(r"\.venv/bin/constintel ((?:(?! #| &&)[^`\n|;])+)|`constintel ([^`]+)`")


def commands() -> list[str]:
    found: dict[str, None] = {}
    for guide in GUIDES:
        text = (ROOT / guide).read_text(encoding="utf-8")
        found |= dict.fromkeys((one[0] or one[1]).strip() for one in COMMAND.findall(text))
    return list(found)


def test_the_guides_name_enough_commands() -> None:
    assert len(commands()) > 15


@pytest.mark.parametrize("said", commands())
def test_a_command_that_a_guide_names_can_be_given(said: str) -> None:
    """Every word of it is a command, or something that the command takes."""
    command: click.Command = main
    words = shlex.split(said)
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, words[0]
        command, words = found, words[1:]
    assert not isinstance(command, click.Group), f"{said}: it is a group of commands"
    with command.make_context("constintel", words, resilient_parsing=True) as made:
        names = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        assert [word for word in words if word.startswith("-") and word not in names] == []
        room = sum(1 for one in command.params if isinstance(one, click.Argument))
        assert not made.args, made.args
        assert room or all(word.startswith("-") or words[place - 1].startswith("-") for place, word in enumerate(words))


def groups(command: click.Command = main) -> Iterator[click.Group]:
    if isinstance(command, click.Group):
        yield command
        for one in command.commands.values():
            yield from groups(one)


@pytest.mark.parametrize("group", list(groups()), ids=lambda group: group.name or "constintel")
def test_no_command_is_cut_short_in_a_list(group: click.Group) -> None:
    told = CliRunner().invoke(group, ["--help"], terminal_width=80).output.partition("Commands:")[2]
    assert told
    assert [line for line in told.splitlines() if line.endswith("...")] == [], "its first sentence is too long for a line"


def test_every_decision_is_found_by_its_subject() -> None:
    """A new entry of docs/decisions.md wants a line in docs/decisions_by_subject.md."""
    entries = re.findall(r"^## (.+)$", (ROOT / "docs/decisions.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = re.findall(
        r"^\* \[(.+)\]\(decisions\.md#(\d{4}-\d\d-\d\d)", (ROOT / BY_SUBJECT).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(f"{day} - {title}" for title, day in listed) == sorted(entries)


NAMED_ROUTE = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/(?:api|v1|healthz|readyz|metrics)[\w/{}.-]*)")


@pytest.mark.parametrize("guide", GUIDES)
def test_the_routes_that_a_guide_names_exist(guide: str) -> None:
    known = [(name.split(" ")[0], re.sub(r"{\w+}", "[^/]+", name.split(" ")[1])) for name, _ in routes()]
    named = set(NAMED_ROUTE.findall((ROOT / guide).read_text(encoding="utf-8")))
    assert named
    strange = [
        (method, path)
        for method, path in sorted(named)
        if not any(method == has and re.fullmatch(pattern, path.rstrip(".")) for has, pattern in known)
    ]
    assert strange == []


@pytest.mark.parametrize("guide", [*GUIDES, BY_SUBJECT])
def test_the_places_that_a_guide_leads_to_exist(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    for path, mark in re.findall(r"\]\(((?!https?:)[^)#\s]*)(?:#([^)]*))?\)", text):
        target = (ROOT / guide).parent / path if path else ROOT / guide
        assert target.exists(), path
        titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if mark else []
        assert not mark or mark in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, mark
