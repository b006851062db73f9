"""How often Neo4j would evaluate the innermost of list expressions nested in each other, judged by the text.

Tried on 5.26: all(a IN $list WHERE any(b IN $list WHERE ...)) over 5,000 elements kept a core busy for an hour after the
door had answered; like a long range(...), it never looks at the transaction's timeout.
"""

from collections.abc import Callable, Mapping

from app.domain.errors import QueryRefused
from app.graph.cypher_door.tokens import Tokens, closing, split

MOST_DEEP = 20
_QUANTIFIERS = ("ALL", "ANY", "NONE", "SINGLE", "REDUCE")


RangeOf = Callable[[Tokens], int | None]
"""How long the range(...) is that a list expression consists of; None when it is none, or its length is not shown."""


def check_nesting(tokens: Tokens, parameters: Mapping[str, object], longest_range: int, range_of: RangeOf, most: int) -> None:
    """Raises QueryRefused when lists iterated inside each other may take more than `most` rounds.

    A list counts as the longest that the query brings along (a parameter, a literal, a range), unless the text shows it to
    be a parameter, a literal or a range itself. What is read from the graph cannot be told and is not counted.
    """
    longest = max(longest_range, _longest_literal(tokens), _longest_parameter(tokens, parameters))

    def length(source: Tokens) -> int:
        if len(source) == 2 and source[0].text == "$":
            value = parameters.get(source[1].text)
            return len(value) if isinstance(value, list) else longest
        if source and source[0].text == "[" and closing(source, 0) == len(source) - 1 and _iteration(source, 0) is None:
            return len(split(source[1:-1], ","))
        return range_of(source) or longest

    rounds, depth = _nested(tokens, length, 0)
    if depth > 1 and rounds > most:
        raise QueryRefused(
            f"lists nested in each other may take {rounds:,} rounds here, which Neo4j cannot stop once begun; UNWIND them "
            f"instead, or keep the product of their lengths within {most:,}"
        )


def _nested(tokens: Tokens, length: Callable[[Tokens], int], above: int) -> tuple[int, int]:
    """The most rounds along one line of nesting, and how deep the deepest goes."""
    if above > MOST_DEEP:
        raise QueryRefused(f"lists may be nested {MOST_DEEP} deep at the most; UNWIND them instead")
    rounds, depth, at = 1, 0, 0
    while at < len(tokens):
        found = _iteration(tokens, at)
        if found is None:
            at += 1
            continue
        source, body = found
        beside, inside = _nested(source, length, above + 1), _nested(body, length, above + 1)
        rounds = max(rounds, beside[0], length(source) * inside[0])
        depth = max(depth, beside[1], 1 + inside[1])
        at = closing(tokens, at) + 1
    return rounds, depth


def _iteration(tokens: Tokens, at: int) -> tuple[Tokens, Tokens] | None:
    """The list and what is done for each of its elements, when `x IN list ...` begins behind the bracket here."""
    if tokens[at].kind != "mark" or tokens[at].text not in "([":
        return None
    if tokens[at].text == "(" and not (at and tokens[at - 1].is_word(*_QUANTIFIERS)):
        return None
    inside = tokens[at + 1 : closing(tokens, at)]
    if at and tokens[at - 1].is_word("REDUCE") and tokens[at].text == "(":
        inside = inside[len(split(inside, ",")[0]) + 1 :]  # behind the accumulator
    if len(inside) < 3 or not inside[0].is_name or not inside[1].is_word("IN"):
        return None
    end = _end_of_source(inside)
    return inside[2:end], inside[end:]


def _end_of_source(inside: Tokens) -> int:
    depth = 0
    for at, token in enumerate(inside):
        if token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and (token.is_word("WHERE") or (token.kind == "mark" and token.text == "|")):
            return at
    return len(inside)


def _longest_literal(tokens: Tokens) -> int:
    longest, elements = 0, [1]
    for token in tokens:
        if token.kind == "mark" and token.text in "([{":
            elements.append(1)
        elif token.kind == "mark" and token.text in ")]}" and len(elements) > 1:
            longest = max(longest, elements.pop())
        elif token.kind == "mark" and token.text == ",":
            elements[-1] += 1
    return longest


def _longest_parameter(tokens: Tokens, parameters: Mapping[str, object]) -> int:
    """Maps count too, for keys(), and texts where the query splits some."""
    kinds = (list, dict, str) if any(token.is_word("SPLIT") for token in tokens) else (list, dict)
    longest, waiting = 0, list(parameters.values())
    while waiting:
        value = waiting.pop()
        longest = max(longest, len(value)) if isinstance(value, kinds) else longest
        if isinstance(value, list | dict):
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return longest
