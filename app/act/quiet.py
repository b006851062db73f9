"""Quiet hours: times of the day, on the clocks of a place, when nothing is sent."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.act.automations import QuietHours


def may_go_at(at: datetime, quiet: QuietHours | None) -> datetime:
    """The first moment from `at` on that is not quiet. Hours that begin and end at once are none."""
    if quiet is None or quiet.begin == quiet.end:
        return at
    zone = ZoneInfo(quiet.timezone)
    local = at.astimezone(zone)
    begin, end = time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)
    now = local.time()
    over_midnight = end < begin
    inside = now >= begin or now < end if over_midnight else begin <= now < end
    if not inside:
        return at
    day = local.date() + timedelta(days=1 if over_midnight and now >= begin else 0)
    ends = datetime.combine(day, end, zone).astimezone(UTC)
    # Where clocks go back an hour comes twice: in its second round, its second end is meant.
    return ends if ends > at else datetime.combine(day, end.replace(fold=1), zone).astimezone(UTC)
