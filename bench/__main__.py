"""`make bench`: measures, verifies, prints the table. Exit status 1 when anything acknowledged is not stored exactly once."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.console import console
from bench.console import report as report_console
from bench.growth import Growth, grow, tables
from bench.identity import identity
from bench.identity import report as report_identity
from bench.learning import learn, report
from bench.processes import ROOT, BenchError, end_tidily_when_told_to, say
from bench.report import table
from bench.rounds import BRAND, Measurements, Plan, acked_file, measure
from bench.stage import PEER, SERVICE, Stage, stage
from bench.verify import Acked, Entry, Totals, complaints, stored_in_graph, stored_in_postgres

# Java is busy compiling what it runs often for over a minute on 2 cores; everybody is given the same time.
FULL = Plan(seconds=8.0, warm=2.0, rounds=3, settle=90.0, driver_events=6_000)
QUICK = Plan(seconds=3.0, warm=1.0, rounds=2, settle=8.0, driver_events=2_000)


def main() -> int:
    end_tidily_when_told_to()
    try:
        return asked_for()
    except BenchError as error:
        say(f"bench: {error}")
        return 1


def asked_for() -> int:
    """Measures what the command line asks for; the exit status."""
    options = arguments()
    plan = QUICK if options.quick else FULL
    plan = replace(
        plan,
        seconds=options.seconds or plan.seconds,
        rounds=options.rounds or plan.rounds,
        connections=options.connections or plan.connections,
    )
    if options.learn:
        return each(options.profiles or (100_000,), learning)
    if options.identity:
        return each(options.profiles or (100_000,), identities)
    if options.console:
        return each(options.profiles or (200_000,), consoles)
    if options.growth:
        profiles = options.profiles or ((200, 1_000) if options.quick else (2_000, 20_000, 200_000))
        return growing(Growth(profiles, options.connections or (1, 8, 32, 128), plan.seconds, plan.warm, plan.settle))
    with stage(peer=not options.no_peer, profile=options.profile and options.profile.absolute()) as running:
        found = measure(running, plan)
        wrong = [*found.failures, *asyncio.run(verified(running))]
    show(found, plan, wrong)
    return 1 if wrong else 0


def growing(growth: Growth) -> int:
    grown = grow(growth)
    sys.stdout.write(
        f"\nOne round of {growth.seconds:g} s each on {os.cpu_count()} cores; bodies of 4.5 KB.\n\n{tables(grown)}\n\n"
    )
    conclude(grown.wrong)
    return 1 if grown.wrong else 0


def each(sizes: tuple[int, ...], measured: Callable[[int], str]) -> int:
    """Prints what `measured` tells of each size, as soon as it does."""
    for people in sizes:
        sys.stdout.write(f"\n{measured(people)}\n\n")
    return 0


def learning(people: int) -> str:
    passes, rate = learn(people)
    return f"Features and scores on {os.cpu_count()} cores.\n\n{report(passes, people, rate)}"


def identities(people: int) -> str:
    return f"Undo, explanation and dry run on {os.cpu_count()} cores.\n\n{report_identity(identity(people))}"


def consoles(people: int) -> str:
    return f"The console of {people:,} people on {os.cpu_count()} cores.\n\n{report_console(console(people))}"


def numbers(text: str) -> tuple[int, ...]:
    """`1,8,32`, smallest first. Raises ValueError."""
    found = tuple(sorted({int(part.replace("_", "")) for part in text.split(",")}))
    if found[0] < 1:
        raise ValueError(text)
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute and a half instead of eight")
    parser.add_argument("--seconds", type=float, help="of each measurement")
    parser.add_argument("--rounds", type=int, help="medians are taken over them")
    parser.add_argument("--connections", type=numbers, metavar="N,N", help="1,32 unless told; with --growth 1,8,32,128")
    parser.add_argument(
        "--growth", action="store_true", help="instead: what events and questions cost at growing sizes, memory, disk, starts"
    )
    parser.add_argument("--learn", action="store_true", help="instead: features and scores of a whole brand, profiles a second")
    parser.add_argument(
        "--identity", action="store_true", help="instead: undo of a large component, explanations, a dry run of other rules"
    )
    parser.add_argument(
        "--console", action="store_true", help="instead: what admins wait for, in Chromium, on a brand of 200000 profiles"
    )
    parser.add_argument(
        "--profiles",
        type=numbers,
        metavar="N,N",
        help="sizes; 2000,20000,200000 unless told, with --learn and --identity 100000, with --console 200000",
    )
    parser.add_argument("--no-peer", action="store_true", help="leave PostgreSQL out")
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help="sample the service's Python into FILE (costs a few per cent)"
    )
    return parser.parse_args()


async def verified(running: Stage) -> list[str]:
    """Every complaint about what the service, and the peer, hold after the load."""
    say("verifying what is stored ...")
    async with running.driver() as driver:
        wrong = _said(SERVICE, running, *await stored_in_graph(driver, BRAND))
    if running.dsn is not None:
        wrong += _said(PEER, running, *await stored_in_postgres(running.dsn, BRAND))
    return wrong


def _said(name: str, running: Stage, entries: list[Entry], totals: Totals) -> list[str]:
    acked = Acked.read(acked_file(running, name))
    wrong = complaints(acked, entries, totals)
    if not wrong:
        say(
            f"{name}: {len(acked.entries):,} events were acknowledged; each is stored once and on one of "
            f"{totals.profiles:,} profiles, and the sums agree"
        )
    return [f"{name}: {complaint}" for complaint in wrong]


def show(found: Measurements, plan: Plan, wrong: list[str]) -> None:
    out = sys.stdout.write
    out(f"\nMedians of {plan.rounds} interleaved rounds of {plan.seconds:g} s on {os.cpu_count()} cores; ")
    out("bodies of 4.5 KB, half the orders from known customers, half with a phone.\n\n")
    out(table(found.series, PEER) + "\n\n")
    conclude(wrong)


def conclude(wrong: list[str]) -> None:
    out = sys.stdout.write
    for complaint in wrong:
        out(f"FAILED  {complaint}\n")
    if not wrong:
        out("Verified: every acknowledged event is stored exactly once.\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
