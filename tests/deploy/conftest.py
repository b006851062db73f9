"""Says at the end of the run when compose itself could not be asked, so that nobody takes silence for a yes."""

import pytest

from tests.deploy.compose import compose_command


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if compose_command() is None:
        terminalreporter.write_line(
            "NOT CHECKED: neither `docker-compose` nor `docker compose` is here, so docker-compose.yml was compared with "
            "the code but not read by compose itself; on Debian: apt-get install docker-compose",
            yellow=True,
        )
