"""Quiet hours: times of the day, on the clocks of a place, when nothing is sent."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.act.automations import QuietHours

MINUTE = timedelta(minutes=1)


def may_go_at(at: datetime, quiet: QuietHours | None) -> datetime:
    """When what may go `at` goes: then, or in quiet hours at their end. Hours that begin and end at once are none."""
    if quiet is None or not _is_quiet(at, quiet):
        return at
    zone = ZoneInfo(quiet.timezone)
    local = at.astimezone(zone)
    begin, end = time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)
    day = local.date() + timedelta(days=1 if end < begin and local.time() >= begin else 0)
    ends, again = (datetime.combine(day, end.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1))
    if again < ends:  # clocks go forward over the end and never show it: it is the moment of their jump
        ends = max(again, at.replace(second=0, microsecond=0))
        while _is_quiet(ends, quiet):
            ends += MINUTE
    # Where they go back an hour comes twice: in its second round, its second end is meant.
    return ends if ends > at else again


def _is_quiet(at: datetime, quiet: QuietHours) -> bool:
    now = at.astimezone(ZoneInfo(quiet.timezone)).time()
    begin, end = time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)
    return now >= begin or now < end if end < begin else begin <= now < end
