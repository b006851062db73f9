"""Writes docs/reference.md from the code, so that it cannot rot: `make docs`."""

import re
from pathlib import Path

from app.domain.identifiers import TYPES
from app.graph.queries import ROOT, names
from app.resolve.rules import RULES
from app.settings import CHECKOUT, Settings
from app.sources import SOURCES

TARGET = Path(__file__).parent / "reference.md"


def variables(name: str) -> str:
    """The environment variables that set a field."""
    alias = Settings.model_fields[name].validation_alias
    choices = getattr(alias, "choices", None) or [f"CONSTINTEL_{name.upper()}"]
    return ", ".join(f"`{choice}`" for choice in choices)


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
            "## Merge rules\n\nThe first that says no wins.\n\n" + table(("rule", "what it says"), rules),
            "## Statements\n\n" + table(("file", "what it does"), statements),
            "",
        ]
    )


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
