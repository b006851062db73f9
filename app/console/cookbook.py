"""Worked queries for data scientists: files of cypher/cookbook/, whose first line says what each is for."""

from dataclasses import dataclass
from functools import cache

from app.graph.queries import query

LISTED = (
    "cookbook/kinds_of_nodes",
    "cookbook/people_and_identifiers",
    "cookbook/one_person",
    "cookbook/largest_people",
    "cookbook/known_by",
    "cookbook/shared_identifiers",
    "cookbook/merges_by_reason",
    "cookbook/waiting_reviews",
    "cookbook/events_by_type",
    "cookbook/segments",
    "cookbook/at_risk",
)
TAKES = "in: "


@dataclass(frozen=True, slots=True)
class Recipe:
    """`parameters` is JSON text, '' when it takes none."""

    title: str
    says: str
    query: str
    parameters: str


@cache
def cookbook() -> tuple[Recipe, ...]:
    return tuple(recipe_of(query(name)) for name in LISTED)


def recipe_of(text: str) -> Recipe:
    """`// Title: sentence`, perhaps a line with parameters to begin with, then the statement."""
    lines = text.splitlines()
    comments = [line[2:].strip() for line in lines if line.startswith("//")]
    title, _, says = comments[0].partition(": ")
    parameters = next((line.removeprefix(TAKES) for line in comments if line.startswith(TAKES)), "")
    return Recipe(title, says[:1].upper() + says[1:], "\n".join(line for line in lines if not line.startswith("//")), parameters)
