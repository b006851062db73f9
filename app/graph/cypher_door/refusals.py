"""What the door allows by name, and the one way to say no."""

from app.domain.errors import QueryRefused

PROCEDURES = frozenset(
    {
        "db.labels",
        "db.relationshipTypes",
        "db.propertyKeys",
        "db.schema.visualization",
        "db.schema.nodeTypeProperties",
        "db.schema.relTypeProperties",
        "db.index.fulltext.queryNodes",
        "db.index.fulltext.queryRelationships",
        "db.index.vector.queryNodes",
        "db.index.vector.queryRelationships",
    }
)
"""Procedures that only read the graph or its schema. Names of procedures are case-sensitive."""

FUNCTIONS = frozenset(
    {
        *(
            f"{kind}.{name}"
            for kind in ("date", "datetime", "localdatetime", "localtime", "time")
            for name in ("realtime", "statement", "transaction", "truncate")
        ),
        *("datetime.fromepoch", "datetime.fromepochmillis"),
        *("duration.between", "duration.indays", "duration.inmonths", "duration.inseconds"),
        *("point.distance", "point.withinbbox"),
        *("vector.similarity.cosine", "vector.similarity.euclidean"),
        "db.namefromelementid",
    }
)
"""Neo4j's own functions with a dot in their name. Any other dotted one is a plug-in's, and some of those run Cypher."""

CLAUSES = "[OPTIONAL] MATCH, WHERE, WITH, UNWIND, CALL {}, UNION, RETURN, ORDER BY, SKIP and LIMIT"


def refused_operator(name: str) -> QueryRefused:
    return QueryRefused(
        f"the query's plan has the operator {name}, which is not one that only reads the graph; allowed are {CLAUSES}, "
        f"and the procedures {_names(PROCEDURES)}"
    )


def refused_procedure(name: str) -> QueryRefused:
    return QueryRefused(f"the procedure {name} is not allowed; allowed are {_names(PROCEDURES)}")


def refused_call(name: str) -> QueryRefused:
    """For a dotted name before a bracket, which may be a procedure or a function."""
    kinds = _names(frozenset(function.rpartition(".")[0] for function in FUNCTIONS))
    return QueryRefused(
        f"{name} is not allowed; allowed are the procedures {_names(PROCEDURES)}, and Neo4j's own functions, of those "
        f"with a dot only the reading ones of {kinds}"
    )


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
