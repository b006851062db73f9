"""Rules on the real graph: a dry run tells what a version would change, a promotion changes just that, a roll-back undoes it;
and a rebuild makes everybody anew by the rules as they are.

A run goes through the identifiers that link nobody, then through the people, page by page: each page's whole components are
folded again under the candidate rules, in one transaction that also notes how far the run came. So it can be stopped at any
time, and goes on where it stopped; its memory is one page's.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from neo4j import AsyncManagedTransaction

from app.domain.cursors import Place
from app.domain.errors import Conflict, NotFound, RegionTooLarge
from app.domain.plan import Plan
from app.domain.progress import Progress
from app.domain.rules import SERVICE, Rules
from app.domain.state import State
from app.domain.times import whole_milliseconds
from app.graph.component import with_all_they_hold
from app.graph.deciding import Decision
from app.graph.driver import Graph, rows
from app.graph.listing import Newest
from app.graph.pace import Pace, borne
from app.graph.region import MAX_ENTRIES_OF_A_JOB, read_region
from app.graph.rows import Row, millis, moment
from app.graph.rulebook import RuleBook
from app.graph.write import write
from app.resolve.ruled import KINDS, Difference, differences, digest, fingerprint, links_under, ruled_anew
from app.review.rebuild import rebuilt
from app.review.rule_versions import check_there, find_version, rules_of
from app.review.run_pages import DONE, DRY_RUN, PROMOTE, REBUILD, ROLL_BACK, Page, next_page

RULE_RUN_LIST = Newest("rule-runs", "begun_at", "run_id")
PAGE = 100  # people, or identifiers, of one transaction
PAGE_OF_HASH = 1_000
EXAMPLES = 20  # of each kind of difference
PATIENCE_S = 60.0  # for one page
TRIES = 5  # of one page that the graph does not answer
LOOKS = 100  # at a run whose page is being committed
WRITTEN_WITH_EACH_PAGE = {"phase", "looked_at", "skipped", "counts", "examples", "digest"}

# Transactions that began under the earlier rules have ended by then, so that nobody new is stored under them behind our back.
# (`ingest` ends its own after 40 s at the most.)
GRACE_S = 45.0

GoOn = Callable[[str], Awaitable[None]]
"""Starts the job that takes a brand's run to its end, and waits for nothing."""


class Rehearsal:
    """Runs over one graph. `currency` is the brands' (ISO 4217), `grace_s` how long a promotion waits before its first page."""

    def __init__(self, graph: Graph, book: RuleBook, currency: str, grace_s: float = GRACE_S) -> None:
        self._graph = graph
        self._book = book
        self._currency = currency
        self._grace = timedelta(seconds=grace_s)

    async def dry_run(self, decision: Decision, version: str) -> str:
        """Begins a dry run of a version; its id. Raises NotFound, Conflict when a run of the brand is under way."""
        await rules_of(self._graph, self._book, decision.brand_id, version)
        return await self._begin(decision, DRY_RUN, version)

    async def promote(self, decision: Decision, version: str, seen: str | None = None) -> str:
        """Puts a version in force, for all that is decided from now on, and begins the run that resolves everybody anew.

        Raises NotFound, Conflict when it is in force already or a run of the brand is under way, StaleRules when what was `seen`
        (`seen_as`) stands no more.
        """
        await rules_of(self._graph, self._book, decision.brand_id, version)
        if (await self._book.now(self._graph, decision.brand_id)).version == version:
            raise Conflict(f"version {version} is in force already")
        return await self._begin(decision, PROMOTE, version, seen)

    async def roll_back(self, decision: Decision, version: str, seen: str | None = None) -> str:
        """Puts in force again what a version replaced. Raises NotFound, Conflict when it is not the one in force, StaleRules."""
        one = await find_version(self._graph, decision.brand_id, version)
        if (await self._book.now(self._graph, decision.brand_id)).version != version:
            raise Conflict(f"version {version} is not in force, so there is nothing to roll back; GET /api/rules says which is")
        return await self._begin(decision, ROLL_BACK, one["replaced"] or SERVICE, seen)

    async def rebuild(self, brand_id: str, progress: Progress) -> dict[str, object]:
        """Makes everybody anew from the evidence, by the rules in force: whom it looked at, and what stood other than that says.

        Goes on with a rebuild that was stopped; a run of another kind comes to its end first.
        """
        found = await self._graph.read("rules/run_next", brand_id=brand_id)
        if found and found[0]["run"]["kind"] == REBUILD:
            run_id = found[0]["run"]["run_id"]
        else:
            await self.go_on(brand_id, progress)
            if not await self._graph.read("rules/in_force", brand_id=brand_id):
                return {"looked_at": 0, "skipped": 0, "mended": 0}  # there is no such brand
            version = (await self._book.now(self._graph, brand_id)).version
            at = whole_milliseconds(datetime.now(UTC))
            decision = Decision(brand_id, "rebuild", at, "", currency=self._currency, book=self._book)
            run_id = await self._begin(decision, REBUILD, version)
        await self.go_on(brand_id, progress)
        run = await self.find(brand_id, run_id)
        counts = {kind: count for kind, count in run["differences"].items() if count}
        told = {name: run[name] for name in ("run_id", "version", "looked_at", "skipped")}
        return {**told, "mended": sum(counts.values()), **counts}

    async def cancel(self, brand_id: str, run_id: str) -> None:
        """Ends a dry run, or a rebuild. Raises NotFound, Conflict for a run that changes the rules, or has ended."""
        run = await self.find(brand_id, run_id)
        if run["kind"] in (PROMOTE, ROLL_BACK):
            raise Conflict("a change of rules that has begun goes on to its end; .../rollback takes it back then")
        if not await self._graph.change("rules/run_end", brand_id=brand_id, run_id=run_id, status="cancelled", partition=None):
            raise Conflict(f"run {run_id} has ended already")

    async def find(self, brand_id: str, run_id: str) -> Row:
        """One run, as people see it. Raises NotFound."""
        found = await self._runs("rules/run", brand_id=brand_id, run_id=run_id)
        if not found:
            raise NotFound(f"no run {run_id[:80]!r} of this brand's rules; GET /api/rules/runs lists them")
        return run_view(found[0])

    async def list_runs(self, brand_id: str, place: Place, limit: int) -> list[Row]:
        before, after = place
        found = await self._runs("rules/runs", brand_id=brand_id, before=before, after=after, limit=limit)
        return [run_view(run) for run in found]

    async def _runs(self, statement: str, **asked: object) -> list[Row]:
        """Runs as stored. A commit becomes visible piece by piece: one that lacks what every run has is being written, so they
        are read again."""
        for _ in range(LOOKS):
            found = [row["run"] for row in await self._graph.read(statement, **asked)]
            if all(run.keys() >= WRITTEN_WITH_EACH_PAGE for run in found):
                break
        return found

    async def go_on(self, brand_id: str, progress: Progress) -> dict[str, object]:
        """Takes the run that is under way to its end. Does nothing when there is none."""
        done = 0
        while found := await self._graph.read("rules/run_next", brand_id=brand_id):
            await self._run(brand_id, found[0]["run"], progress)
            done += 1
        return {"runs": done}

    async def _begin(self, decision: Decision, kind: str, version: str, seen: str | None = None) -> str:
        run_id = uuid.uuid4().hex
        changes_rules = kind in (PROMOTE, ROLL_BACK)
        not_before = decision.at + self._grace if changes_rules else decision.at
        said = {"run_id": run_id, "kind": kind, "version": version, "by": decision.by, "at": millis(decision.at)}
        asked = {"brand_id": decision.brand_id, "not_before": millis(not_before), **said}

        async def work(tx: AsyncManagedTransaction) -> bool:
            if not await rows(tx, "rules/run_begin", asked):
                return False
            await check_there(tx, decision, version, seen)
            if changes_rules:
                await rows(tx, "rules/put_in_force", {**asked, "goes_back": kind == ROLL_BACK})
            return True

        if not await self._graph.write(work):
            raise Conflict("a run of this brand's rules is under way; GET /api/rules/runs shows how far it came, try later")
        return run_id

    async def _run(self, brand_id: str, run: Mapping[str, Any], progress: Progress) -> None:
        wait_s = (moment(run["not_before"]) - datetime.now(UTC)).total_seconds()
        if wait_s > 0:
            progress({"run_id": run["run_id"], "waits_s": round(wait_s)})
            await asyncio.sleep(wait_s)
        rules = await rules_of(self._graph, self._book, brand_id, run["version"])
        if run.get("total") is None:
            (row,) = await self._graph.read("rules/total", brand_id=brand_id)
            began = {"total": row["people"], "partition_before": await self._partition(brand_id)}
            await self._graph.change("rules/run_came", brand_id=brand_id, run_id=run["run_id"], came=began)
        pace = Pace(PAGE, PAGE)
        while True:
            came, pace = await borne(pace, partial(self._one_page, brand_id, run["run_id"], rules), TRIES)
            if came is None:
                return  # cancelled meanwhile
            pace = pace.faster()
            progress({"run_id": run["run_id"], **came})
            if came["phase"] == DONE:
                break
        partition = await self._partition(brand_id)
        await self._graph.change("rules/run_end", brand_id=brand_id, run_id=run["run_id"], status="done", partition=partition)

    async def _one_page(self, brand_id: str, run_id: str, rules: Rules, size: int) -> dict[str, Any] | None:
        return await self._graph.write(partial(self._page, brand_id, run_id, rules, size), PATIENCE_S)

    async def _page(
        self, brand_id: str, run_id: str, rules: Rules, size: int, tx: AsyncManagedTransaction
    ) -> dict[str, Any] | None:
        """One page, and how far the run came with it: what was counted and what was changed stand or fall together."""
        locked = await rows(tx, "rules/run_lock", {"brand_id": brand_id, "run_id": run_id})
        if not locked:
            return None
        run = locked[0]["run"]
        page = await next_page(tx, brand_id, run["kind"], run["phase"], run["after"], rules, size)
        found: tuple[Difference, ...] = ()
        skipped = 0
        if page.people or page.seeds:
            try:
                state = await _whole(tx, brand_id, page, rules)
                plan, found = await self._other(tx, state, rules, run)
            except RegionTooLarge:
                if size > 1:
                    raise
                plan, skipped = None, 1  # never resolved in part: it stays as it is, and the run says so
            if run["kind"] == DRY_RUN:
                found = tuple(one for one in found if page.counts(one))
            elif plan is not None:
                await write(tx, plan, brand_id, self._currency)
        came = _came(run, page, found, skipped)
        await rows(tx, "rules/run_came", {"brand_id": brand_id, "run_id": run_id, "came": came})
        return {"phase": came["phase"], "looked_at": came["looked_at"]}

    async def _other(
        self, tx: AsyncManagedTransaction, state: State, rules: Rules, run: Mapping[str, Any]
    ) -> tuple[Plan | None, tuple[Difference, ...]]:
        """What of a region stands other than the rules say of its evidence."""
        if run["kind"] == REBUILD:
            return await rebuilt(tx, self._currency, state, rules, moment(run["begun_at"]))
        return await asyncio.to_thread(_ruled, state, rules, moment(run["begun_at"]))  # others are served meanwhile

    async def _partition(self, brand_id: str) -> str:
        """A hash of who there is and what each holds; 128 bits, whatever the order."""
        total, after = 0, ""
        while found := await self._graph.read("rules/partition", brand_id=brand_id, after=after, limit=PAGE_OF_HASH):
            total += fingerprint((row["profile_id"], *sorted(row["identifiers"])) for row in found)
            after = found[-1]["profile_id"]
        return f"{total % 2**128:032x}"


async def _whole(tx: AsyncManagedTransaction, brand_id: str, page: Page, rules: Rules) -> State:
    """The components of a page's people and identifiers, under lock."""
    near = await with_all_they_hold(tx, brand_id, page.people, page.seeds)
    founders = [near.profiles[profile_id].founded_by for profile_id in page.people if profile_id in near.profiles]
    links = partial(links_under, rules)
    return await read_region(tx, near, near.identifiers, founders, MAX_ENTRIES_OF_A_JOB, links)


def _ruled(state: State, rules: Rules, at: datetime) -> tuple[Plan | None, tuple[Difference, ...]]:
    plan = ruled_anew(state, rules, at)
    return plan, () if plan is None else differences(state, plan)


def _came(run: Mapping[str, Any], page: Page, found: Sequence[Difference], skipped: int) -> dict[str, Any]:
    """What a run has to say after a page."""
    counts: dict[str, int] = orjson.loads(run["counts"])
    examples: dict[str, list[dict[str, object]]] = orjson.loads(run["examples"])
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        some = examples.setdefault(one.kind, [])
        if len(some) < EXAMPLES:
            some.append({"id": one.about, "with": one.with_[:EXAMPLES]})
    return {
        "phase": page.phase,
        "after": page.after,
        "looked_at": run["looked_at"] + len(page.people),
        "skipped": run["skipped"] + skipped,
        "counts": orjson.dumps(counts).decode(),
        "examples": orjson.dumps(examples).decode(),
        "digest": f"{(int(run['digest'], 16) + digest(found)) % 2**128:032x}",
    }


def run_view(run: Mapping[str, Any]) -> Row:
    """A run as people see it."""
    counts: dict[str, int] = orjson.loads(run["counts"])
    finished = moment(run.get("finished_at"))
    began = moment(run["begun_at"])
    took_s = max(0.001, ((finished or moment(run.get("updated_at")) or began) - moment(run["not_before"])).total_seconds())
    return {
        "run_id": run["run_id"],
        "kind": run["kind"],
        "version": run["version"],
        "status": run["status"],
        "phase": run["phase"],
        "looked_at": run["looked_at"],
        "total": run.get("total"),
        "per_s": round(run["looked_at"] / took_s, 1),
        "skipped": run["skipped"],
        "differences": {kind: counts.get(kind, 0) for kind in KINDS},
        "examples": orjson.loads(run["examples"]),
        "digest": run["digest"],
        "partition_before": run.get("partition_before"),
        "partition_after": run.get("partition_after"),
        "begun_by": run["begun_by"],
        "begun_at": began,
        "finished_at": finished,
    }
