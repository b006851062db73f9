"""The Cypher page: read-only queries through the door, their answers as table, drawing and file."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.console.answers import Answer, Drawing, Table, answer_of, drawing_of, table_of
from app.console.cookbook import cookbook
from app.console.exports import csv_of, parquet_of
from app.console.forms import Form, Sent
from app.console.pages import HEADERS, Pages, segment, wants_part
from app.console.routes import Brand
from app.domain.errors import BadInput, ConstIntelError, NotFound, QueryTooExpensive
from app.graph.cypher_door import Read
from app.graph.cypher_door.door import MOST_ROWS

LONGEST_QUERY = 20_000
LONGEST_PARAMETERS = 20_000
LONGEST_ADDRESS = 4_000  # of what is asked: some proxies take no longer ones
ROWS = (100, 1_000)

QueryText = Annotated[str, Query(max_length=LONGEST_QUERY)]
Parameters = Annotated[str, Query(max_length=LONGEST_PARAMETERS)]
Rows = Annotated[int, Query(ge=1, le=ROWS[-1])]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the editor holds."""

    query: str
    parameters: str = ""
    rows: int = ROWS[0]

    @property
    def address(self) -> str:
        """The query of an address that shows this, '' when it would be too long for one."""
        said = urlencode({"q": self.query, **({"parameters": self.parameters} if self.parameters else {}), "rows": self.rows})
        return f"?{said}" if len(said) <= LONGEST_ADDRESS else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of a query: an answer, or why there is none."""

    answer: Answer | None = None
    table: Table | None = None
    drawing: Drawing | None = None
    refused: ConstIntelError | None = None


def query_router(router: APIRouter, pages: Pages, read: Read | None) -> None:
    """Opening the page runs nothing, so that nobody's link does: a query runs when its form is sent."""

    @router.get("/console/{brand}/cypher")
    async def editor(brand: Brand, q: QueryText = "", parameters: Parameters = "", rows: Rows = ROWS[0]) -> Response:
        return _page(pages, brand, Asked(q, parameters, rows))

    @router.post("/console/{brand}/cypher")
    async def run(request: Request, brand: Brand, form: Sent) -> Response:
        asked = asked_in(form)
        shown = await _shown(_open(read), brand, asked)
        if not wants_part(request):
            return _page(pages, brand, asked, shown)
        headers = {"hx-replace-url": _here(brand) + asked.address}
        return pages.part("part_answer.html", brand=brand, headers=headers, **_told(brand, asked, shown))

    @router.post("/console/{brand}/cypher/{kind}")
    async def export(brand: Brand, kind: str, form: Sent) -> Response:
        """The whole answer as a file, asked for anew. Raises QueryTooExpensive when a file would hold part of it only."""
        if kind not in ("csv", "parquet"):
            raise NotFound(f"answers are no {kind[:20]!r}; there are csv and parquet")
        asked = asked_in(form)
        found = await asyncio.to_thread(
            answer_of, await _open(read)(brand, asked.query, parameters_in(asked.parameters), MOST_ROWS)
        )
        if found.truncated:
            raise QueryTooExpensive(f"the answer has more than {MOST_ROWS:,} rows; aggregate, or take it in parts with LIMIT")
        named = {**HEADERS, "content-disposition": f'attachment; filename="{brand}-cypher.{kind}"'}
        if kind == "csv":
            return StreamingResponse(csv_of(found), headers=named, media_type="text/csv; charset=utf-8; header=present")
        content = await asyncio.to_thread(parquet_of, found)
        return Response(content, headers=named, media_type="application/vnd.apache.parquet")


def asked_in(form: Form) -> Asked:
    rows = form.text("rows", 10) or str(ROWS[0])
    if rows not in map(str, ROWS):
        raise BadInput(f"rows: {rows!r} is none; choose one of {', '.join(map(str, ROWS))}")
    return Asked(form.text("q", LONGEST_QUERY), form.text("parameters", LONGEST_PARAMETERS), int(rows))


def parameters_in(text: str) -> dict[str, Any]:
    """Raises BadInput for what is no JSON object."""
    if not text:
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(f'parameters: {error}; write a JSON object, such as {{"value": "ada@example.com"}}') from None
    if not isinstance(found, dict):
        raise BadInput('parameters: this is JSON, but no object; write names and values, such as {"value": "ada@example.com"}')
    return found


def _open(read: Read | None) -> Read:
    if read is None:
        raise NotFound("this service was started without its Cypher door; start it with `constintel serve`")
    return read


async def _shown(read: Read, brand: str, asked: Asked) -> Shown:
    """A query that is refused is no error of the page: what it says belongs beside the editor."""
    try:
        body = await read(brand, asked.query, parameters_in(asked.parameters), asked.rows)
    except (BadInput, QueryTooExpensive) as error:
        return Shown(refused=error)
    return await asyncio.to_thread(_laid_out, body)


def _laid_out(body: bytes) -> Shown:
    answer = answer_of(body)
    return Shown(answer, table_of(answer), drawing_of(answer.rows))


def _page(pages: Pages, brand: str, asked: Asked, shown: Shown | None = None) -> Response:
    return pages.page("cypher.html", brand=brand, place="cypher", cookbook=cookbook(), **_told(brand, asked, shown))


def _told(brand: str, asked: Asked, shown: Shown | None) -> dict[str, Any]:
    return {"asked": asked, "shown": shown, "here": _here(brand), "row_choices": ROWS, "most_rows": MOST_ROWS}


def _here(brand: str) -> str:
    return f"/console/{segment(brand)}/cypher"
