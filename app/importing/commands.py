"""`constintel import`: files of events into a running service."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

import click

from app.calling import UrlOption, calling
from app.domain.errors import ConstIntelError
from app.importing.alone import alone
from app.importing.checking import checking
from app.importing.formats import SOURCES, Format, format_of
from app.importing.importing import Check, Import
from app.importing.memory import Came, Memory, Rejects
from app.importing.records import must_be_file
from app.importing.sending import Door
from app.importing.telling import Progress, duration

PATIENCE_S = 300.0  # of one chunk; the service itself gives up sooner
TAKEN, SOME_REFUSED, STOPPED = 0, 1, 2
MOST_TOLD = 20  # bad rows that a dry run shows


FILES = click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
SOURCE = click.option(
    "--source", type=click.Choice(list(SOURCES)), default="canonical", show_default=True, help="Whose form the rows have."
)
FORMAT = click.option(
    "--format", "form", type=click.Choice([one.value for one in Format]), help="Of the files; their names tell unless told."
)
REJECTS = click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where refused rows go; FILE.rejected.jsonl unless told.",
)
SECRET = click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Holds the secret of a sender that must sign (shopify: the app's client secret).",
)


class Asked(NamedTuple):
    """What is to be imported how, as the command line says."""

    source: str
    format: Format | None
    brand: str
    url: str
    home: Path
    rejects: Path | None
    again: bool
    secret: str | None
    shop: str | None
    key: str | None

    def headers(self, body: bytes) -> Mapping[str, str]:
        """What signs a body, where its sender must."""
        sign = SOURCES[self.source].sign
        return sign(self.secret, self.shop, body) if sign is not None and self.secret is not None else {}


def import_command(url_option: UrlOption, home: Callable[[], Path], own_key: Callable[[], str | None]) -> click.Command:
    """The command; `url_option` says where the service answers; `home` is the folder of the local state unless that is told;
    `own_key` is what the service is shown."""

    @click.command("import")
    @FILES
    @SOURCE
    @FORMAT
    @click.option("--brand", default="demo", show_default=True, help="Whose events they are.")
    @url_option
    @click.option(
        "--home", "where", default=home, type=click.Path(file_okay=False, path_type=Path), help="Folder of the local state."
    )
    @REJECTS
    @click.option("--again", is_flag=True, help="Begin anew where an import was stopped. What was taken already is a duplicate.")
    @SECRET
    @click.option("--shop", help="The shop's domain, where the brand takes no other's.")
    @click.option("--dry-run", is_flag=True, help="Read and check the rows; send and write nothing.")
    def import_files(
        files: tuple[Path, ...],
        source: str,
        form: str | None,
        brand: str,
        url: str,
        where: Path,
        rejects: Path | None,
        again: bool,
        dry_run: bool,
        secret_file: Path | None,
        shop: str | None,
    ) -> None:
        """Import FILES of events. JSONL, CSV, Parquet; .gz of the first two. Nothing is sent to anybody for them.

        Exits 0 when all rows were taken, 1 when some were refused, 2 when it was stopped; the same command goes on there.
        """
        secret = _secret_in(secret_file) if secret_file else None
        asked = Asked(source, Format(form) if form else None, brand, url, where, rejects, again, secret, shop, own_key())
        if secret is not None and SOURCES[source].sign is None:
            raise click.UsageError(f"--secret-file signs what a shop brings in; nobody signs --source {source}")
        if rejects is not None and len(files) > 1:
            raise click.UsageError("--rejects names one file; import the files one by one, or leave it out")
        refused = 0
        for path in files:
            refused += (_check if dry_run else _import)(path, asked)
        raise SystemExit(SOME_REFUSED if refused else TAKEN)

    return import_files


def _secret_in(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(
            f"--secret-file {path} cannot be read as text ({error}); name the file that holds the secret"
        ) from error
    if not secret:
        raise click.UsageError(f"--secret-file {path} is empty; name the file that holds the secret")
    return secret


def _import(path: Path, asked: Asked) -> int:
    """How many rows were refused. Exits with STOPPED when it was."""
    progress, began = Progress(path.name), time.monotonic()
    came = Came()
    try:
        must_be_file(path)
        memory = Memory(asked.home / "imports", path, asked.url, asked.brand, asked.source, asked.format or "")
        rejects = Rejects(asked.rejects or path.with_name(f"{path.name}.rejected.jsonl"))
        with alone(asked.home / "imports", path, rejects.path), calling(asked.url, PATIENCE_S, asked.key) as http:
            came = Came() if asked.again else memory.recall()
            if came.rows:
                progress.say(f"going on behind row {came.rows:,}, where it was stopped; --again begins anew")
            already, source = came.rows, SOURCES[asked.source]
            door = Door(http, source.path, asked.brand, progress.say, asked.headers)
            Import(source.reader(path, format_of(path, asked.format)), door.take, memory, rejects, progress).run(came)
    except KeyboardInterrupt:
        _stop(progress, came, "stopped")
    except ConstIntelError as error:
        _stop(progress, came, error.detail)
    progress.end()
    took = max(0.001, time.monotonic() - began)
    click.echo(f"{path}: {_told(came)}; {duration(took)}, {(came.rows - already) / took:,.0f} rows/s")
    if came.rejected:
        click.echo(f"the refused rows are in {rejects.path}, each with its line and the reason; mend and import them")
    return came.rejected


def _check(path: Path, asked: Asked) -> int:
    progress, shown = Progress(path.name), 0

    def refuse(line: int, why: str) -> None:
        nonlocal shown
        shown += 1
        if shown <= MOST_TOLD:
            progress.say(f"line {line:,}: {why}")

    came = Came()
    try:
        must_be_file(path)
        source = SOURCES[asked.source]
        came = Check(
            source.reader(path, format_of(path, asked.format)), checking(source.parse, asked.brand), progress, refuse
        ).run()
    except KeyboardInterrupt:
        _stop(progress, came, "stopped")
    except ConstIntelError as error:
        _stop(progress, came, error.detail)
    progress.end()
    click.echo(f"{path}: {_told(came)}; nothing was sent")
    return came.rejected


def _stop(progress: Progress, came: Came, why: str) -> NoReturn:
    progress.end()
    behind = f"; {came.rows:,} rows are done, and the same command goes on behind them" if came.rows else ""
    click.echo(f"Error: {progress.name}: {why}{behind}", err=True)
    raise SystemExit(STOPPED)


def _told(came: Came) -> str:
    """Such as `20,000 rows: 19,990 attached, 8 created, 2 refused`."""
    said = [f"{count:,} {outcome}" for outcome, count in came.outcomes.most_common()]
    if came.rejected:
        said.append(f"{came.rejected:,} refused")
    return f"{came.rows:,} rows{': ' if said else ''}{', '.join(said)}"
