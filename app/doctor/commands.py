"""`constintel doctor`."""

import json
import logging
from dataclasses import asdict
from pathlib import Path

import click

from app.doctor.examination import examine, is_healthy
from app.doctor.finding import Finding, Level

COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


@click.command("doctor")
@click.option("--home", type=click.Path(path_type=Path), help="Folder of the local state; CONSTINTEL_HOME unless told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list instead of lines.")
def doctor_command(home: Path | None, as_json: bool) -> None:
    """Check this machine, the home and Neo4j. Says how to mend what is wrong; exits 1 when something is."""
    # What the driver tells of each try would stand between the lines.
    logging.getLogger("neo4j").addHandler(logging.NullHandler())
    findings: list[Finding] = []
    for finding in examine(home=home):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if not is_healthy(findings):
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    mend = f"  -> {finding.mend}" if finding.mend else ""
    says = " ".join(finding.says.split())
    return f"{click.style(f'{finding.level:5}', fg=COLOURS[finding.level])} {finding.check:11} {says}{mend}"
