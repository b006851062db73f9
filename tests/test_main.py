"""What the app does when nobody is there to hear the answer."""

import logging
from typing import Any

import pytest

from app.graph.cypher_door import CypherDoor
from app.graph.driver import Graph
from app.main import create_app
from app.settings import Settings


@pytest.mark.parametrize("path", ["/api/events", "/api/cypher", "/api/merges"])
async def test_who_hangs_up_in_the_middle_of_a_body_leaves_no_traceback(path: str, caplog: pytest.LogCaptureFixture) -> None:
    graph = Graph.connect("bolt://127.0.0.1:9", "neo4j", "none")
    app = create_app(graph, Settings(), CypherDoor("bolt://127.0.0.1:9", "neo4j", "none"))
    said: list[dict[str, Any]] = [{"type": "http.request", "body": b'{"type":', "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return said.pop(0) if len(said) > 1 else said[0]

    async def send(message: object) -> None:
        """Into the void."""

    headers = [(b"content-type", b"application/json"), (b"content-length", b"900"), (b"x-brand-id", b"b")]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    with caplog.at_level(logging.WARNING):
        await app(scope, receive, send)  # type: ignore[arg-type]
    await graph.close()
    assert caplog.records == []
