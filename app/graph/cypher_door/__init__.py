"""The read-only Cypher door for data scientists: their own queries, read where they cannot hurt the service."""

from app.graph.cypher_door.door import CypherDoor, Limits, Read, counted

__all__ = ["CypherDoor", "Limits", "Read", "counted"]
