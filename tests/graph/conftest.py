"""What the tests of the graph share."""

from tests.graph.own_server import embedded, lost_port  # noqa: F401 - fixtures
