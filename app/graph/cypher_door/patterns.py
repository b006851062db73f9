r"""Judges the regular expressions of a query, which Java goes through without ever looking at the transaction's end.

Tried on 5.26: `$text =~ '(a+)+\\1b'` over sixty letters, and `.*.*.*=.*` over a long text, kept a core each for good after the
door had answered; only a restart of Neo4j ended them. So a pattern must be seen before it runs, and hold nothing that goes back
without end: no reference back, nothing that varies (repeated, or one of several) in what is repeated, few parts of any length.
Several parts of any length over a text of megabytes still take long; that ends by itself.
"""

import re
from collections.abc import Iterator, Mapping

from app.domain.errors import QueryRefused
from app.graph.cypher_door.tokens import Tokens, closing

MOST_OPEN = 3  # parts of any length: n of them take the length of the text to the n-th power
_ESCAPED = re.compile(r"\\([\\'\"`])")
_ELSEWHERE = frozenset(".[({-*/%^")  # what follows a value to make another of it
_REPEATS = re.compile(r"[*+]|\{\d+(,?)(\d*)\}")


def check_patterns(tokens: Tokens, parameters: Mapping[str, object]) -> None:
    """Raises QueryRefused for a pattern that is not shown, or that may run for ever."""
    for at in range(len(tokens) - 1):
        if _is_mark(tokens, at, "=") and _is_mark(tokens, at + 1, "~"):
            pieces, end = _pieces(tokens, at + 2, parameters)
            if end < len(tokens) and _is_mark(tokens, end, *_ELSEWHERE):
                raise _unseen()
            _check("".join(pieces))


def _pieces(tokens: Tokens, at: int, parameters: Mapping[str, object]) -> tuple[list[str], int]:
    """The texts that are put together from here on, and where they end."""
    found: list[str] = []
    while True:
        if at < len(tokens) and tokens[at].kind == "string":
            found.append(_ESCAPED.sub(r"\1", tokens[at].text[1:-1]))
            at += 1
        elif _is_mark(tokens, at, "$") and at + 1 < len(tokens):
            found.append(str(parameters.get(tokens[at + 1].text, "")))
            at += 2
        elif _is_mark(tokens, at, "("):
            inside, end = _pieces(tokens, at + 1, parameters)
            if end != closing(tokens, at):
                raise _unseen()
            found += inside
            at = end + 1
        else:
            raise _unseen()
        joined = _is_mark(tokens, at, "|") and _is_mark(tokens, at + 1, "|")
        if not joined and not _is_mark(tokens, at, "+"):
            return found, at
        at += 2 if joined else 1


def _is_mark(tokens: Tokens, at: int, *marks: str) -> bool:
    return at < len(tokens) and tokens[at].kind == "mark" and tokens[at].text in marks


def _check(pattern: str) -> None:
    """Raises QueryRefused."""
    open_ended = 0
    varying = [False]  # of each group that is open: whether it holds alternatives or a repetition
    closed = False  # whether a group that varies has just ended
    for part in _parts(pattern):
        if part == "(":
            varying.append(False)
            closed = False
        elif part == ")":
            closed = varying.pop() if len(varying) > 1 else False
            varying[-1] |= closed
        elif part in "|?":
            varying[-1] = True
            closed = False
        elif repeats := _REPEATS.fullmatch(part):
            if closed:
                raise _endless(
                    "something that varies is repeated as a whole, as in (a+)+ or (a|b)*; write [ab]*, or match the parts"
                )
            varying[-1] |= part in "*+" or repeats[1] == ","
            open_ended += part in "*+" or (repeats[1] == "," and not repeats[2])
        elif part[0] == "\\" and (part[1:2] == "k" or part[1:2] in tuple("123456789")):
            raise _endless(f"{part} refers back; compare the parts after split()")
        else:
            closed = False
    if open_ended > MOST_OPEN:
        raise _endless(f"it has {open_ended} parts of any length, more than {MOST_OPEN}; use CONTAINS, STARTS WITH and AND")


def _parts(pattern: str) -> Iterator[str]:
    """Brackets, signs and repetitions; characters, escapes and classes of characters as one part each. The ? and + behind a
    repetition only say how it goes about it."""
    at = 0
    while at < len(pattern):
        if pattern.startswith(r"\Q", at):
            end = pattern.find(r"\E", at)
            at = len(pattern) if end < 0 else end + 2
            yield "Q"
        elif pattern[at] == "\\":
            yield pattern[at : at + 2]
            at += 2
        elif pattern[at] == "[":
            at = _end_of_class(pattern, at)
            yield "[]"
        elif repeats := _REPEATS.match(pattern, at):
            yield repeats.group()
            at = repeats.end() + (pattern[repeats.end() : repeats.end() + 1] in ("?", "+"))
        elif pattern.startswith("(?", at):
            yield "("
            at += 2
        else:
            yield pattern[at]
            at += 1


def _end_of_class(pattern: str, at: int) -> int:
    depth = 0
    while at < len(pattern):
        depth += (pattern[at] == "[") - (pattern[at] == "]")
        at += 2 if pattern[at] == "\\" else 1
        if depth == 0:
            break
    return at


def _unseen() -> QueryRefused:
    return QueryRefused(
        "a pattern behind =~ must be a text or a parameter, or such put together with +, so that it can be judged"
    )


def _endless(why: str) -> QueryRefused:
    return QueryRefused(f"a pattern behind =~ may take for ever, and Neo4j cannot stop it once begun: {why}")
