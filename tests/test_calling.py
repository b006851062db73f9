"""What the command line says when a service cannot be asked, or it is a stranger that answers."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main, settings

COMMANDS = [("jobs", "run", "outbox"), ("scenario", "omnichannel"), ("rebuild",)]


class Stranger(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>It works</h1>")

    do_GET = do_POST  # noqa: N815 - the name is http.server's

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def said(*arguments: str, **given: str) -> str:
    """What a command that fails says of it."""
    result = CliRunner().invoke(main, arguments, env=given)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
class TestBoth:
    @pytest.mark.parametrize("url", ["nonsense", "http://", "http://[::1", "ftp://localhost", ""])
    def test_what_is_no_url_is_told(self, command: tuple[str, ...], url: str) -> None:
        assert "name a service's URL, such as http://127.0.0.1:3000" in said(*command, "--url", url)

    def test_it_asks_where_the_environment_has_the_service_listen(self, command: tuple[str, ...], stranger: str) -> None:
        settings.cache_clear()
        try:
            assert "It works" in said(*command, CONSTINTEL_PORT=stranger.rpartition(":")[2], CONSTINTEL_HOST="localhost")
        finally:
            settings.cache_clear()

    @pytest.mark.parametrize("name", ["http_proxy", "all_proxy"])
    def test_no_proxy_is_asked_for_this_machine(self, command: tuple[str, ...], name: str, stranger: str) -> None:
        assert "It works" in said(*command, "--url", stranger, **{name: "http://127.0.0.1:1", "no_proxy": ""})

    def test_a_brand_in_any_script_is_the_services_to_refuse(self, command: tuple[str, ...], stranger: str) -> None:
        assert "It works" in said(*command, "--url", stranger, "--brand", "m\xfcller")

    def test_a_header_that_cannot_be_sent_is_told(self, command: tuple[str, ...], stranger: str) -> None:
        assert "cannot be asked" in said(*command, "--url", stranger, "--brand", "a\nb")
