"""Judges a query by its text, before Neo4j sees it: what a plan hides, and what Neo4j cannot stop once begun.

Tried on 5.26: a list expression over a long range(...) never looks at the transaction's timeout and is not counted
against its memory limit. `[x IN range(1, 1000000000) | x]` ends the Java process in a second, `all(x IN range(...) ...)`
keeps a core busy for good. These rules stop the accidents. They cannot stop whoever sets out to exhaust the heap
(say, by doubling a string forty times over): the embedded Neo4j then ends and is started again, losing nothing.
"""

from collections.abc import Mapping
from math import prod

from app.domain.errors import BadInput, QueryRefused
from app.graph.cypher_door.nesting import check_nesting
from app.graph.cypher_door.patterns import check_patterns
from app.graph.cypher_door.refusals import CLAUSES, FUNCTIONS, PROCEDURES, refused_call
from app.graph.cypher_door.tokens import END, Token, Tokens, closing, split, tokens_of

MOST_RANGE_ELEMENTS = 100_000


def check_words(text: str, parameters: Mapping[str, object]) -> None:
    """Raises QueryRefused, naming what is not allowed and how to write it instead; BadInput for an empty query."""
    if "\\u" in text:
        raise QueryRefused(r"the query has a \u escape; write the character itself, or pass the text as a parameter")
    tokens = (*tokens_of(text), END, END)
    _check_beginning(tokens[0])
    check_patterns(tokens[:-2], parameters)
    ranges: list[int] = []
    for at, token in enumerate(tokens[:-2]):
        if token.is_word("LOAD") and tokens[at + 1].is_word("CSV"):
            raise QueryRefused(f"LOAD CSV is not allowed; allowed are {CLAUSES}")
        if token.text == "(" and at:
            _check_dotted(tokens, at)
            name = _undotted(tokens, at)
            inside = tokens[at + 1 : closing(tokens, at)]
            if name == "range" and not _is_unwound(tokens, at, inside):
                ranges.append(_range_elements(inside, parameters))
            elif name == "reduce":
                _check_reduce(inside)
    if (elements := prod(ranges)) > MOST_RANGE_ELEMENTS:
        raise _long_range(f"of {elements:,} elements")

    def range_of(source: Tokens) -> int | None:
        whole = len(source) > 1 and source[0].is_word("RANGE") and closing(source, 1) == len(source) - 1
        return _range_elements(source[2:-1], parameters) if whole and not _is_sized(source) else None

    check_nesting(tokens[:-2], parameters, max(ranges, default=1), range_of, MOST_RANGE_ELEMENTS)


def _check_beginning(first: Token) -> None:
    if first is END:
        raise BadInput("the query is empty; send one statement, such as RETURN 1")
    if first.is_word("EXPLAIN", "PROFILE", "CYPHER"):
        raise QueryRefused(f"a query cannot begin with {first.text.upper()} here; send the statement alone")


def _check_dotted(tokens: Tokens, bracket: int) -> None:
    """`a.b.c(`: a function or a procedure, wherever it stands."""
    parts: list[str] = []
    at = bracket - 1
    while at >= 0 and tokens[at].is_name:
        parts.insert(0, tokens[at].text)
        if at < 2 or tokens[at - 1].text != ".":
            break
        at -= 2
    name = ".".join(parts)
    if "." in name and name not in PROCEDURES and name.lower() not in FUNCTIONS:
        raise refused_call(name)


def _undotted(tokens: Tokens, bracket: int) -> str:
    before = tokens[bracket - 1]
    return before.text.lower() if before.is_name else ""


def _is_unwound(tokens: Tokens, bracket: int, inside: Tokens) -> bool:
    """`UNWIND range(...) AS x`: Neo4j takes it element by element and stops at the deadline."""
    after = bracket + len(inside) + 2
    return bracket >= 2 and tokens[bracket - 2].is_word("UNWIND") and after < len(tokens) and tokens[after].is_word("AS")


def _range_elements(inside: Tokens, parameters: Mapping[str, object]) -> int:
    """How long a range may get; one bounded by the size of what was read counts as 1. Raises QueryRefused."""
    bounds = [_bound(part, parameters) for part in split(inside, ",")]
    if len(bounds) not in (2, 3) or None in bounds:
        raise _long_range("whose length cannot be told")
    numbers = [bound for bound in bounds if isinstance(bound, int)]
    if len(numbers) < len(bounds):
        return 1
    step = abs(numbers[2]) if len(numbers) == 3 else 1
    return abs(numbers[1] - numbers[0]) // max(1, step) + 1


def _is_sized(tokens: Tokens) -> bool:
    return any(token.is_word("SIZE", "LENGTH") for token in tokens)


def _bound(part: Tokens, parameters: Mapping[str, object]) -> int | str | None:
    """A number, or "size" for `size(...)` and `length(...)` give or take a number, else None."""
    texts = [token.text for token in part]
    if len(part) == 2 and texts[0] == "$":
        value = parameters.get(texts[1])
        return value if isinstance(value, int) else None
    sign, digits = (-1, texts[1:]) if texts[:1] == ["-"] else (1, texts)
    if len(digits) == 1 and part[-1].kind == "number":
        return sign * int(digits[0][:19])
    if part and part[0].is_word("SIZE", "LENGTH") and texts[1:2] == ["("]:
        rest = part[closing(part, 1) + 1 :]
        added = len(rest) == 2 and rest[0].text in "+-" and rest[1].kind == "number" and len(rest[1].text) < 5
        return "size" if not rest or added else None
    return None


def _check_reduce(inside: Tokens) -> None:
    """`reduce(s = 'x', i IN list | s + s)` doubles: forty rounds of that fill any heap."""
    body = split(inside, "|")[-1]
    name = inside[0].text if inside else ""
    uses = [at for at, token in enumerate(body) if token.is_name and token.text == name]
    if len([at for at in uses if at == 0 or body[at - 1].text != "."]) > 1 and not any(t.is_word("CASE") for t in body):
        raise QueryRefused(
            f"reduce(...) may use its accumulator {name} once, outside CASE; UNWIND the list and use sum(), max() or collect()"
        )


def _long_range(what: str) -> QueryRefused:
    return QueryRefused(
        f"range(...) {what} is not allowed inside an expression, where Neo4j cannot stop it; write "
        f"UNWIND range(...) AS x, or keep all ranges together within {MOST_RANGE_ELEMENTS:,} elements"
    )
