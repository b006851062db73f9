"""A query's text as tokens: enough of Cypher's grammar to know words from strings, and which brackets belong together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.errors import BadInput

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\r\n]*|/\*.*?\*/)
      | (?P<unclosed>/\*)
      | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      | (?P<name>`(?:``|[^`])*`)
      | (?P<word>[^\W\d]\w*)
      | (?P<number>\d+)
      | (?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.upper() in words

    @property
    def is_name(self) -> bool:
        return self.kind in ("word", "name")


Tokens = Sequence[Token]
END = Token("end", "")


def tokens_of(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        kind, value = str(found.lastgroup), found.group()
        if kind == "unclosed":
            raise BadInput("a comment begins with /* and never ends; close it with */")
        if kind == "name":
            value = value[1:-1].replace("``", "`")
        # A character outside ASCII that is no letter counts as space, as some do in Neo4j.
        if kind != "space" and not (kind == "mark" and not value.isascii()):
            yield Token(kind, value)


def closing(tokens: Tokens, opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        mark = tokens[at].text if tokens[at].kind == "mark" else ""
        depth += (mark in _OPEN) - (mark in _CLOSE)
        if depth == 0:
            return at
    return len(tokens)


def split(tokens: Tokens, mark: str) -> list[Tokens]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if token.kind == "mark" and token.text == mark and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]
