"""What tests look at in the graph: counts, who holds what together, and the laws that hold after every commit."""

from typing import Any

from neo4j import AsyncDriver, AsyncGraphDatabase

from app.graph.embedded import Neo4jAddress

Person = frozenset[tuple[str, str]]

# Looked for by what keys begin with, which an index knows: hundreds of brands of other tests stand in the same graph.
KEYED = ("Event", "Identifier", "ProfileId")

HANGS_ON_ABSORBED = """
MATCH (gone:ProfileId WHERE gone.key STARTS WITH $brand + '|' AND gone:MergedProfile)
WHERE (gone)-[:HAS_IDENTIFIER]->() OR (gone)<-[:ATTACHED_TO]-() OR gone:Profile OR COUNT { (gone)-[:MERGED_INTO]->() } <> 1
RETURN count(gone) AS n
"""
ATTACHED_WRONGLY = """
MATCH (e:Event WHERE e.key STARTS WITH $brand + '|' AND e.outcome <> 'unidentified')
WHERE COUNT { (e)-[:ATTACHED_TO]->(:Profile) } <> 1
RETURN count(e) AS n
"""
NOBODYS_ATTACHED = """
MATCH (e:Event WHERE e.key STARTS WITH $brand + '|' AND e.outcome = 'unidentified')-[wrong:ATTACHED_TO]->()
WHERE NOT (e)-[:OF_ORDER]->()  // what came before its order is its buyer's once that came
RETURN count(wrong) AS n
"""
OWNERLESS = """
MATCH (i:Identifier WHERE i.key STARTS WITH $brand + '|' AND i.standing = 'linkable')
WHERE (i)<-[:CARRIES]-() AND COUNT { (:Profile)-[:HAS_IDENTIFIER]->(i) } <> 1
RETURN count(i) AS n
"""
LOST_IDS = """
MATCH (issued:ProfileId WHERE issued.key STARTS WITH $brand + '|')
WHERE COUNT { (issued)-[:MERGED_INTO*0..]->(:Profile) } <> 1 AND NOT ($erased AND issued:Tombstone)
RETURN count(issued) AS n
"""
VALUE = """
CALL () {
  MATCH (p:ProfileId WHERE p.key STARTS WITH $brand + '|' AND p:Profile)
  RETURN sum(reduce(all = 0, one IN p.spend | all + toInteger(split(one, '|')[1]))) AS held, sum(p.total_orders) AS orders
}
CALL () {
  MATCH (e:Event WHERE e.key STARTS WITH $brand + '|')-[:ATTACHED_TO]->()
  WITH e WHERE e.type IN ['purchase', 'refund'] AND e.cancelled_at IS NULL
  RETURN sum(coalesce(e.revised_minor, e.value_minor)) AS spent, sum(CASE e.type WHEN 'purchase' THEN 1 ELSE 0 END) AS bought
}
RETURN held, spent, orders, bought
"""
PEOPLE = """
MATCH (p:ProfileId WHERE p.key STARTS WITH $brand + '|' AND p:Profile)
RETURN p.profile_id AS id, COLLECT { MATCH (p)-[:HAS_IDENTIFIER]->(i) RETURN [i.type, i.value] } AS held
"""


def looking_at(address: Neo4jAddress) -> AsyncDriver:
    return AsyncGraphDatabase.driver(address.uri, auth=(address.username, address.password), notifications_min_severity="OFF")


async def ask(driver: AsyncDriver, query: str, **parameters: Any) -> list[dict[str, Any]]:
    found = await driver.execute_query(query, parameters)
    return [dict(record) for record in found.records]


async def count(driver: AsyncDriver, brand_id: str, label: str = "") -> int:
    """How many nodes of a brand there are, all of them or those with a label."""
    by_key = " AND n.key STARTS WITH $brand + '|'" if label in KEYED else ""
    query = f"MATCH (n{label and ':' + label}) WHERE n.brand_id = $brand{by_key} RETURN count(n) AS n"
    [row] = await ask(driver, query, brand=brand_id)
    return int(row["n"])


async def people(driver: AsyncDriver, brand_id: str) -> set[Person]:
    """Each person as the set of what they hold."""
    found = await ask(driver, PEOPLE, brand=brand_id)
    return {frozenset((type_name, value) for type_name, value in row["held"]) for row in found}


async def check_laws(driver: AsyncDriver, brand_id: str, *, erased: bool = False) -> None:
    """Nothing hangs on an absorbed profile, every event is somebody's once, no value is lost or counted twice, no id is lost.

    Holds for brands without imports (they alone give an identifier several holders). `erased`: whether people were.
    """
    for query in (HANGS_ON_ABSORBED, ATTACHED_WRONGLY, NOBODYS_ATTACHED, OWNERLESS, LOST_IDS):
        assert await ask(driver, query, brand=brand_id, erased=erased) == [{"n": 0}], query
    [sums] = await ask(driver, VALUE, brand=brand_id)
    assert sums["held"] == sums["spent"]
    assert sums["orders"] == sums["bought"]
