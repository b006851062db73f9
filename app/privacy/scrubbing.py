"""Takes out of texts that stay what names a person who is erased: what somebody else's event said of them."""

from collections.abc import Collection
from typing import Any

import orjson

from app.domain.identifiers import Identifier
from app.domain.naming import Names

INSTEAD = "[erased]"


def scrubbed(text: str | None, names: Names) -> str | None:
    """A JSON text with every text, number and name in it that names somebody replaced. Of what is no JSON, or nested more
    deeply than can be written again, nothing stays."""
    if not text:
        return text
    try:
        return orjson.dumps(_without(orjson.loads(text), names)).decode()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        return INSTEAD


def scrubbed_facts(text: str, names: Names) -> str:
    """What a replay reads of an event (app/graph/write_evidence.py), without the attributes that name somebody."""
    facts = orjson.loads(text)
    return orjson.dumps(facts | {"attributes": [pair for pair in facts["attributes"] if not names.are_in(pair[1])]}).decode()


def scrubbed_snapshots(text: str, gone: Collection[Identifier]) -> str:
    """One snapshot of a merge, or a list of them, without identifiers that are erased. One that held such keeps its figures, and
    nothing else that was known of people: it may have been of those who are erased."""
    said = orjson.loads(text)
    for one in said if isinstance(said, list) else [said]:
        left = [held for held in one["identifiers"] if Identifier(held["type"], held["value"]) not in gone]
        if len(left) < len(one["identifiers"]):
            one.update(identifiers=left, attributes={})
    return orjson.dumps(said).decode()


def _without(said: Any, names: Names) -> Any:
    match said:
        case dict():
            return {INSTEAD if names.are_in(name) else name: _without(value, names) for name, value in said.items()}
        case list():
            return [_without(value, names) for value in said]
        case bool() | None:
            return said
    return INSTEAD if names.are_in(str(said)) else said
