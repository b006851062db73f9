"""Judges a query by the plan that EXPLAIN gives: only operators that read, only listed procedures, only our database.

A plan does not show what stands inside a list comprehension's or a CASE's subquery (tried on 5.26: LOAD CSV in
`[x IN [1] | COLLECT { LOAD CSV ... }]` is text in a Projection's details), so `words` judges the text as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.errors import QueryRefused
from app.graph.cypher_door.refusals import PROCEDURES, refused_operator, refused_procedure

Plan = Mapping[str, Any]

_SCANS = ("AllRelationshipsScan", "RelationshipTypeScan", "UnionRelationshipTypesScan")
_SEEKS = (
    "RelationshipByElementIdSeek",
    "RelationshipByIdSeek",
    "RelationshipIndexContainsScan",
    "RelationshipIndexEndsWithScan",
    "RelationshipIndexScan",
    "RelationshipIndexSeek",
    "RelationshipIndexSeekByRange",
    "RelationshipUniqueIndexSeek",
    "RelationshipUniqueIndexSeekByRange",
)

OPERATORS = frozenset(
    f"""
    AllNodesScan IntersectionNodeByLabelsScan NodeByElementIdSeek NodeByIdSeek NodeByLabelScan
    SubtractionNodeByLabelsScan UnionNodeByLabelsScan NodeCountFromCountStore RelationshipCountFromCountStore
    NodeIndexContainsScan NodeIndexEndsWithScan NodeIndexScan NodeIndexSeek NodeIndexSeekByRange
    NodeUniqueIndexSeek NodeUniqueIndexSeekByRange MultiNodeIndexSeek
    {" ".join(f"{way}{name}" for way in ("Directed", "Undirected") for name in (*_SCANS, *_SEEKS))}
    Expand OptionalExpand VarLengthExpand PruningVarExpand BFSPruningVarExpand ShortestPath StatefulShortestPath
    PathPropagatingBFS Repeat BidirectionalRepeat ProjectEndpoints TriadicSelection TriadicBuild TriadicFilter
    Aggregation EagerAggregation OrderedAggregation Distinct OrderedDistinct Filter Projection CacheProperties
    RemoteBatchProperties Limit ExhaustiveLimit Skip Sort PartialSort Top PartialTop Top1WithTies Eager Unwind
    Union OrderedUnion Optional Argument ArgumentTracker EmptyRow EmptyResult ProduceResults
    Apply SemiApply AntiSemiApply Anti ConditionalApply AntiConditionalApply SelectOrSemiApply
    SelectOrAntiSemiApply LetSemiApply LetAntiSemiApply LetSelectOrSemiApply LetSelectOrAntiSemiApply RollUpApply
    CartesianProduct ValueHashJoin NodeHashJoin NodeLeftOuterHashJoin NodeRightOuterHashJoin LeftOuterHashJoin
    RightOuterHashJoin ProcedureCall ProcedureCallEager
    """.split()
)
"""Neo4j's operators that only read the graph, without the variant in brackets. What is not here is refused."""


def check_plan(query_type: str | None, plan: Plan | None, home: str) -> None:
    """Raises QueryRefused, naming what is not allowed. `home` is the database that the door reads."""
    if plan is None:
        raise QueryRefused("Neo4j gave no plan for the query, so it cannot be judged; send one reading statement")
    for operator in _walk(plan):
        name, _, database = str(operator["operatorType"]).partition("@")
        base = name.partition("(")[0].removeprefix("Partitioned")
        if base not in OPERATORS:
            raise refused_operator(name)
        if database != home:
            raise QueryRefused(f"the query reads the database {database}; the door reads {home} only, leave out USE")
        if base.startswith("ProcedureCall"):
            _check_procedure(operator)
    if query_type != "r":
        raise QueryRefused(f"Neo4j calls this a query of type {query_type!r}; only reading ones, of type 'r', are allowed")


def database_of(plan: Plan | None) -> str:
    """The database whose plan this is."""
    return str((plan or {}).get("operatorType", "")).partition("@")[2]


def _check_procedure(operator: Plan) -> None:
    name = str((operator.get("args") or {}).get("Details", "")).partition("(")[0].strip()
    if name not in PROCEDURES:
        raise refused_procedure(name)


def _walk(plan: Plan) -> Iterator[Plan]:
    open_plans = [plan]
    while open_plans:
        one = open_plans.pop()
        yield one
        open_plans.extend(one.get("children") or ())
