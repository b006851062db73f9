"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"  # it runs, but look at it
    FAIL = "fail"  # it does not run, or not for long


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `mend` is empty when there is nothing to do."""

    check: str
    level: Level
    says: str
    mend: str = ""


def ok(check: str, says: str) -> Finding:
    return Finding(check, Level.OK, says)


def warn(check: str, says: str, mend: str) -> Finding:
    return Finding(check, Level.WARN, says, mend)


def fail(check: str, says: str, mend: str) -> Finding:
    return Finding(check, Level.FAIL, says, mend)
