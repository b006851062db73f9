"""Takes values out of texts that stay: what somebody else's event said of a person who is erased."""

from collections.abc import Collection
from typing import Any

import orjson

from app.domain.identifiers import Identifier

INSTEAD = "[erased]"
_DIGITS = 7  # so many in a row are a number of somebody, however it was written


def scrubbed(text: str | None, values: Collection[str]) -> str | None:
    """A JSON text with every text and number in it that holds one of the values replaced. Of what is no JSON nothing stays."""
    if not text:
        return text
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return INSTEAD
    plain = tuple(value.casefold() for value in values)
    numbers = tuple(digits for value in values if len(digits := _digits_of(value)) >= _DIGITS)
    return orjson.dumps(_without(said, plain, numbers)).decode()


def scrubbed_snapshots(text: str, gone: Collection[Identifier]) -> str:
    """One snapshot of a merge, or a list of them, without identifiers that are erased. One that held such keeps its figures, and
    nothing else that was known of people: it may have been of those who are erased."""
    said = orjson.loads(text)
    for one in said if isinstance(said, list) else [said]:
        left = [held for held in one["identifiers"] if Identifier(held["type"], held["value"]) not in gone]
        if len(left) < len(one["identifiers"]):
            one.update(identifiers=left, attributes={})
    return orjson.dumps(said).decode()


def _without(said: Any, plain: tuple[str, ...], numbers: tuple[str, ...]) -> Any:
    match said:
        case dict():
            return {name: _without(value, plain, numbers) for name, value in said.items()}
        case list():
            return [_without(value, plain, numbers) for value in said]
        case bool() | None:
            return said
        case str() | int() | float():
            text, digits = str(said).casefold(), _digits_of(str(said))
            return INSTEAD if any(one in text for one in plain) or any(one in digits for one in numbers) else said
    return said


def _digits_of(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())
