"""`constintel rebuild`: a running service makes its people anew from their evidence, and says what stood otherwise."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
import httpx

from app.calling import UrlOption, calling, data_of, of_brand
from app.domain.errors import ConstIntelError
from app.graph.queries import query

ALL = "all"
PATIENCE_S = 60.0  # of one call
LOOK_S, TELL_S = 1.0, 5.0
BRANDS_AT_ONCE = 1_000


def rebuild_command(url_option: UrlOption, own_key: Callable[[], str | None]) -> click.Command:
    """The command; `url_option` says where the service answers, `own_key` what it is shown."""

    @click.command("rebuild")
    @click.option("--brand", default="demo", show_default=True, help="Whose people; `all` are those of every brand.")
    @url_option
    def rebuild(brand: str, url: str) -> None:
        """Make everybody anew from the evidence. By the rules in force; what stands otherwise is mended.

        Events go on coming meanwhile. It goes on in the service whatever becomes of this command, and, where the service stops,
        when it starts again. Exits 1 when somebody was left as they are, because they are too many events to fold at once.
        """
        with calling(url, PATIENCE_S, own_key()) as http:
            found = [_one(http, one) for one in (_brands(http) if brand == ALL else iter((brand,)))]
        raise SystemExit(int(any(one["skipped"] for one in found)))

    return rebuild


def _one(http: httpx.Client, brand: str) -> Mapping[str, Any]:
    """What a rebuild of a brand did. Raises ConstIntelError when it does not come to its end."""
    named = of_brand(brand)
    run_id = data_of(http.post("/api/jobs/rebuild/run", params={"wait": "false"}, json={}, headers=named))["run_id"]
    told = time.monotonic()
    while (run := _run(http, named, run_id))["status"] == "running":
        time.sleep(LOOK_S)
        if time.monotonic() - told >= TELL_S:
            told = time.monotonic()
            _tell(http, named, brand)
    if run["status"] != "done":
        ended = "failed" if run["status"] == "failed" else f"was {run['status']}"
        raise ConstIntelError(f"brand {brand}: the rebuild {ended} ({run['error']}); run it again, and it goes on there")
    result: Mapping[str, Any] = run["result"]
    others = ", ".join(f"{count:,} {name}" for name, count in result.items() if name in _kinds(result))
    if not any(result[name] for name in ("looked_at", "mended", "skipped")):
        click.echo(f"{brand}: nobody is there to look at; is the brand called so? `constintel brand list` tells their names")
        return result
    click.echo(
        f"{brand}: {result['looked_at']:,} people looked at, "
        + (f"{result['mended']:,} things mended ({others})" if result["mended"] else "all as the evidence says")
        + (f"; {result['skipped']:,} people left as they are, too many events at once" if result["skipped"] else "")
    )
    return result


def _run(http: httpx.Client, named: Mapping[bytes, bytes], run_id: str) -> Mapping[str, Any]:
    runs = data_of(http.get("/api/jobs/rebuild/runs", headers=named))
    found = next((run for run in runs if run["run_id"] == run_id), None)
    if found is None:
        raise ConstIntelError(f"the service knows nothing more of run {run_id}; run it again")
    return found  # type: ignore[no-any-return]


def _tell(http: httpx.Client, named: Mapping[bytes, bytes], brand: str) -> None:
    """How far it came."""
    for run in data_of(http.get("/api/rules/runs", params={"limit": "1"}, headers=named)):
        of = f" of {run['total']:,}" if run["total"] is not None else ""
        click.echo(f"{brand}: {run['looked_at']:,}{of} people, {run['per_s']:,}/s ({run['phase']})", err=True)


def _kinds(result: Mapping[str, Any]) -> set[str]:
    return set(result) - {"run_id", "version", "looked_at", "skipped", "mended"}


def _brands(http: httpx.Client) -> Iterator[str]:
    """Every brand there is, by the door of whoever may see all."""
    after = ""
    while True:
        asked = {"query": query("act/brands"), "parameters": {"after": after, "limit": BRANDS_AT_ONCE}}
        found = data_of(http.post("/api/cypher", json=asked, headers=of_brand("demo")))["rows"]
        yield from (brand for (brand,) in found)
        if len(found) < BRANDS_AT_ONCE:
            return
        (after,) = found[-1]
