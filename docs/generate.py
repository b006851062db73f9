"""Writes docs/reference.md from the code, so that it cannot rot: `make docs`."""

import re
from pathlib import Path
from typing import cast

from app import setting_names
from app.domain.identifiers import TYPES
from app.graph.cypher_door import CypherDoor
from app.graph.driver import Graph
from app.graph.queries import ROOT, names
from app.learn.segments import ANY, SEGMENTS
from app.main import create_app
from app.publish.topics import CHANGES, TOPICS
from app.resolve.rules import RULES
from app.settings import CHECKOUT, Settings
from app.sources import SOURCES
from app.telemetry.metrics import Metrics

TARGET = Path(__file__).parent / "reference.md"


def variables(name: str) -> str:
    """The environment variables that set a field."""
    return ", ".join(f"`{one}`" for one in setting_names.variables(name))


def default(name: str) -> str:
    value = Settings.model_fields[name].default
    if isinstance(value, Path):
        return f"`{value.relative_to(CHECKOUT)}`"
    return "not set" if value is None else f"`{value}`"


def first_comment(name: str) -> str:
    """The header comment of a statement, without what goes in and out."""
    lines = (ROOT / f"{name}.cypher").read_text(encoding="utf-8").splitlines()
    said = [line[2:].strip() for line in lines if line.startswith("//")]
    return re.split(r"\b(?:in|out): ", " ".join(said))[0].strip().rstrip(".")


def routes() -> list[tuple[str, str]]:
    """(method and path, what it does) of every route in /openapi.json. Nothing is connected: the app is only described."""
    app = create_app(cast("Graph", None), Settings.model_construct(), CypherDoor("bolt://nowhere", "", ""))
    return [
        (f"{method.upper()} {path}", _said(said))
        for path, methods in app.openapi()["paths"].items()
        for method, said in methods.items()
    ]


def _said(operation: dict[str, str]) -> str:
    """Its summary, or the first paragraph of its description when the summary is only the function's name."""
    summary = operation["summary"]
    said = operation.get("description", "").split("\n\n")[0] if summary.istitle() else summary
    return (said or summary).replace("\n", " ").rstrip(".")


def metrics() -> list[tuple[str, str, str]]:
    """(name, kind, help) of what /metrics shows, but for what the process says of itself."""
    families = Metrics([], "").registry.collect()
    own = [family for family in families if family.name.startswith("constintel_")]
    return [(f"{one.name}{'_total' * (one.type == 'counter')}", one.type, one.documentation) for one in own]


SEGMENT_HEAD = ("segment", "days", "orders", "spend ratio", "churn", "journey stage", "next best action", "who")


def segments() -> list[tuple[str, ...]]:
    """The table of app/learn/segments.py."""

    def shown(span: tuple[float, float]) -> str:
        low, high = span
        return "any" if (low, high) == ANY else f"from {low:g}" if high > 1e9 else f"{low:g} to below {high:g}"

    return [
        (
            f"`{row.name}`",
            *(shown(span) for span in (row.silent_days, row.orders, row.spend_ratio, row.churn)),
            row.stage,
            row.action,
            row.says,
        )
        for row in SEGMENTS
    ]


def changes() -> list[tuple[str, str, str]]:
    """(type, names of what an entry tells, when it comes) of what the stream of changes tells."""
    return [(f"`{name}`", ", ".join(f"`{one}`" for one in change.told), change.says) for name, change in CHANGES.items()]


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def reference() -> str:
    settings = [(variables(name), default(name), field.description or "") for name, field in Settings.model_fields.items()]
    types = [
        (f"`{row.name}`", row.kind.value, "exclusive" if row.limit == 1 else str(row.limit or "none"), str(row.fan_out), row.says)
        for row in TYPES.values()
    ]
    sources = [(", ".join(f"`{name}`" for name in source.names), f"`POST {source.path}`") for source in SOURCES]
    rules = [(f"`{rule.__name__}`", (rule.__doc__ or "").strip()) for rule in RULES]
    statements = [(f"`cypher/{name}.cypher`", first_comment(name)) for name in names()]
    return "\n\n".join(
        [
            "# Reference\n\nWritten by `make docs` from the code; a test compares.",
            "## Settings\n\n" + table(("variable", "default", "what it is"), settings),
            "A Maven mirror for the engine's first download: `CONSTINTEL_MAVEN_REPOSITORY` (read by set-up only).",
            "## Identifier types\n\n" + table(("type", "kind", "limit a person", "fan-out", "what it is"), types),
            "## Sources\n\n" + table(("source", "route"), sources),
            "Each also answers at `/api/integrations/{source}/webhook/{brand}`.",
            "## Routes\n\n" + table(("route", "what it does"), [(f"`{route}`", says) for route, says in routes()]),
            "## Streams\n\n" + table(("topic", "an entry for"), [(f"`{name}`", topic.says) for name, topic in TOPICS.items()]),
            "Types of `identity.changes`:\n\n" + table(("type", "what stands in it", "what happened"), changes()),
            "## Metrics\n\nAt `GET /metrics`; no label is a brand or a person.\n\n"
            + table(("metric", "kind", "what it is"), [(f"`{name}`", kind, says) for name, kind, says in metrics()]),
            "## Merge rules\n\nThe first that says no wins.\n\n" + table(("rule", "what it says"), rules),
            "## Segments\n\nRead from the top; the first row that fits names a person. Days are since the last order, spend is "
            "to the mean of all buyers (each up to 10 times the middle one), churn is P(no order in 30 days).\n\n"
            + table(SEGMENT_HEAD, segments()),
            "## Statements\n\n" + table(("file", "what it does"), statements),
            "",
        ]
    )


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
