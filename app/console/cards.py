"""Model cards: the little Markdown that they are written in, as blocks for a template. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

_SPAN = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*")
_RULE = re.compile(r"[|:\- ]+")
_HEADING = re.compile(r"(#{1,6}) +(.*)")


@dataclass(frozen=True, slots=True)
class Span:
    """`kind` is text, code or strong."""

    kind: str
    text: str


Text = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is heading (of a `level`), paragraph (one line), list (a line an entry) or table (`rows`, the head first)."""

    kind: str
    lines: tuple[Text, ...] = ()
    rows: tuple[tuple[Text, ...], ...] = ()
    level: int = 0


def blocks(card: str) -> list[Block]:
    """Headings, paragraphs, lists and tables; anything else is a paragraph as it stands."""
    parts = (list(lines) for blank, lines in groupby(card.splitlines(), lambda line: not line.strip()) if not blank)
    return [_block(lines) for lines in parts]


def _block(lines: list[str]) -> Block:
    if heading := _HEADING.fullmatch(lines[0]) if len(lines) == 1 else None:
        return Block("heading", (spans(heading[2]),), level=len(heading[1]))
    if all(line.startswith("|") for line in lines):
        cells = (
            [spans(cell.strip()) for cell in line.strip().strip("|").split("|")] for line in lines if not _RULE.fullmatch(line)
        )
        return Block("table", rows=tuple(tuple(row) for row in cells))
    if lines[0].startswith("* "):
        return Block("list", tuple(spans(entry) for entry in _entries(lines)))
    return Block("paragraph", (spans(" ".join(line.strip() for line in lines)),))


def _entries(lines: list[str]) -> Iterator[str]:
    """Each with the lines that go on with it."""
    entry = ""
    for line in lines:
        if line.startswith("* ") and entry:
            yield entry
            entry = ""
        entry = f"{entry} {line.removeprefix('* ').strip()}".strip()
    yield entry


def spans(text: str) -> Text:
    found: list[Span] = []
    place = 0
    for match in _SPAN.finditer(text):
        found.append(Span("text", text[place : match.start()]))
        found.append(Span("code", match[1]) if match[1] is not None else Span("strong", match[2]))
        place = match.end()
    found.append(Span("text", text[place:]))
    return tuple(one for one in found if one.text)
