"""`constintel scenario`: drives a running service and prints expected beside actual."""

import uuid
from collections.abc import Callable

import click
import httpx

from app.calling import UrlOption, calling
from app.scenarios import STORIES
from app.scenarios.story import Check, ScenarioFailed, Stage

WIDTHS = (34, 56)
PATIENCE_S = 120.0  # of one call: a job on a machine that is busy with other things takes its time


def scenario_command(url_option: UrlOption, own_key: Callable[[], str | None]) -> click.Command:
    """The command; `url_option` says where the service answers, `own_key` what it is shown."""

    @click.command("scenario")
    @click.argument("name", type=click.Choice([*STORIES, "all"]))
    @url_option
    @click.option("--brand", help="Play into this brand. Not told: each scenario gets a new brand of its own.")
    def scenario(name: str, url: str, brand: str | None) -> None:
        """Play a scenario over HTTP. Exits 1 when anything differs from the specification."""
        if not play(list(STORIES) if name == "all" else [name], url, brand, own_key()):
            raise SystemExit(1)

    return scenario


def play(names: list[str], url: str, brand: str | None, key: str | None) -> bool:
    """Plays stories and prints their tables. True when everything is as expected."""
    all_hold = True
    with calling(url, PATIENCE_S, key) as http:
        for name in names:
            all_hold &= _one(name, http, brand or f"{name}-{uuid.uuid4().hex[:8]}", alone=brand is None)
    click.echo("every figure is as the specification says" if all_hold else "DIFFERENT from the specification, see above")
    return all_hold


def _one(name: str, http: httpx.Client, brand: str, alone: bool) -> bool:
    story, stage = STORIES[name], Stage(http, brand, alone)
    click.echo(f"\n{story.title}  (brand {brand})")
    try:
        story.play(stage)
    except ScenarioFailed as error:
        stage.check("every step is answered", "2xx", error.detail)
    click.echo(_line("  ", "what", "expected", "actual"))
    for check in stage.checks:
        click.echo(_row(check))
    return all(check.holds for check in stage.checks)


def _row(check: Check) -> str:
    return _line("ok" if check.holds else "NO", check.what, _text(check.expected), _text(check.actual))


def _line(mark: str, what: str, expected: str, actual: str) -> str:
    return f"  {mark} {what:<{WIDTHS[0]}} {expected:<{WIDTHS[1]}} {actual}".rstrip()


def _text(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={value[name]}" for name in sorted(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:.2f}" if isinstance(value, float) else str(value)
