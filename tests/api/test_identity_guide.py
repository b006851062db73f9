"""docs/identity.md is run: each request in order, and each answer holds what the page shows of it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx

from app.publish.topics import CHANGES
from app.resolve.guards import PLACES
from docs.generate import TARGET
from tests.api.brand import Brand

GUIDE = TARGET.with_name("identity.md").read_text(encoding="utf-8")
NAME = re.compile(r"\{(\w+)\}")


def requests() -> Iterator[tuple[str, str, Any, Any]]:
    """(method, path, body or None, what is shown of the answer)"""
    blocks = re.findall(r"```http\n(.*?)\n```\n\n```json\n(.*?)\n```", GUIDE, re.DOTALL)
    for request, answer in blocks:
        line, _, body = request.partition("\n")
        method, path = line.split(" ")
        yield method, path, json.loads(body) if body else None, json.loads(answer)


def wrongs(shown: Any, told: Any, known: dict[str, str], at: str = "") -> Iterator[str]:
    """Where the answer is not what is shown. A name seen for the first time takes what was told."""
    if isinstance(shown, dict) and isinstance(told, dict):
        for name, value in shown.items():
            yield from wrongs(value, told[name], known, f"{at}.{name}") if name in told else [f"{at}.{name} is missing"]
    elif isinstance(shown, list) and isinstance(told, list) and len(shown) == len(told):
        for place, (one, other) in enumerate(zip(shown, told, strict=True)):
            yield from wrongs(one, other, known, f"{at}[{place}]")
    elif isinstance(shown, str) and (name := NAME.fullmatch(shown)):
        if known.setdefault(name[1], told) != told:
            yield f"{at}: {shown} is {told}, and was {known[name[1]]}"
    elif shown != told:
        yield f"{at}: {told!r}, not {shown!r}"


async def test_every_request_is_answered_as_it_is_shown(brand: Brand, client: httpx.AsyncClient) -> None:
    known: dict[str, str] = {}
    asked = list(requests())
    assert len(asked) == GUIDE.count("```http")
    for method, path, body, shown in asked:
        where = NAME.sub(lambda name: known[name[1]], path)
        answer = await client.request(method, where, json=body, headers={"x-brand-id": brand.brand_id})
        assert answer.status_code == 200, f"{method} {path}: {answer.text}"
        told = answer.json()
        if path.endswith(("/undo", "/split")):  # in the order of ids, which are not the page's
            told["data"]["profile_ids"].sort(key=lambda profile_id: profile_id != known["ann"])
        assert list(wrongs(shown, told, known)) == [], f"{method} {path}"


def test_what_is_shown_is_compared() -> None:
    known = {"a": "1"}
    assert list(wrongs({"x": ["{a}", "{b}"]}, {"x": ["1", "2"], "y": 0}, known)) == []
    assert known == {"a": "1", "b": "2"}
    for shown, told in (({"x": 1}, {"x": 2}), ({"x": 1}, {}), ([1], [1, 2]), ("{a}", "2")):
        assert list(wrongs(shown, told, known))


def test_guards_and_changes_of_the_tables_are_those_there_are() -> None:
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| \d \| (.*?) \|", GUIDE, re.MULTILINE)))) == PLACES.keys()
    told = set(re.findall(r"^\| `(profile\.\w+)`", GUIDE, re.MULTILINE))
    assert told == {name for name in CHANGES if name.startswith("profile.")}
