"""Times as senders write them become aware UTC. There is no clock here: `received_at` is handed in."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.domain.errors import BadInput

EARLIEST_YEAR = 1970
FIRST_MOMENT, LAST_MOMENT = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)  # of any sender's
END_OF_TIME = 253_402_300_799_999  # epoch milliseconds of the last moment of year 9999
LATEST_AHEAD = timedelta(days=1)  # how far a sender's clock may be ahead of ours

# Epoch numbers are read only where they cannot be mistaken: 1e8 s is 1973 and 1e10 s is 2286; 1e11 ms is 1973 and
# 1e13 ms is 2286. Nothing sensible lies between.
_SECONDS = (100_000_000, 10_000_000_000)
_MILLISECONDS = (100_000_000_000, 10_000_000_000_000)
# In text a number might be a date without dashes (20240115, 202401151000), unless it has as many digits as now has.
_EPOCH_TEXT = re.compile(r"\d{10}(?:\.\d*)?|\d{13}", re.ASCII)
# As in e-mails and HTTP.
_RFC_5322 = re.compile(
    r"(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC|UT)", re.IGNORECASE | re.ASCII
)
# What Python does not take of ISO-8601 and its like: UTC by its name, and a day's end.
_NAMED_UTC = re.compile(r"(?<=\d) ?(?:UTC|GMT)\Z")
_LEAP_SECOND = re.compile(r"([T ]\d\d:\d\d):60(?=\D|\Z)", re.ASCII)
_MIDNIGHT = re.compile(r"([T ])24(:00(?::00(?:[.,]0+)?)?)(?=[^\d:.,]|\Z)", re.ASCII)


def parse_time(raw: object, where: str, received_at: datetime) -> datetime:
    """When something happened: ISO-8601 text (without a zone: UTC), a date as in e-mails (RFC 5322), or an epoch number in
    seconds or milliseconds.

    An epoch of ten digits (seconds) or thirteen may be text too. Null and blank text mean `received_at`. `where` names
    the field in messages. Raises BadInput when it is no time, lies before 1970, or lies more than a day after
    `received_at`. Precision is a millisecond.
    """
    text = raw.strip() if isinstance(raw, str) else None
    if raw is None or text == "":
        return received_at
    moment = _from_epoch(raw) if text is None else _from_text(text)
    if moment is None:
        shown = repr(raw[:40]) if isinstance(raw, str) else type(raw).__name__
        raise BadInput(f"{where}: {shown} is no time; send ISO-8601 such as 2024-01-15T10:00:00Z")
    if moment.year < EARLIEST_YEAR:
        raise BadInput(f"{where}: {moment.isoformat()} lies before {EARLIEST_YEAR}; send when it happened")
    if moment - received_at > LATEST_AHEAD:
        raise BadInput(f"{where}: {moment.isoformat()} lies more than a day in the future; send when it happened")
    return whole_milliseconds(moment)


def whole_milliseconds(moment: datetime) -> datetime:
    """The moment as the graph keeps it: what is finer is cut off."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _from_text(text: str) -> datetime | None:
    if _EPOCH_TEXT.fullmatch(text):
        return _from_epoch(float(text))
    try:
        moment = parsedate_to_datetime(text) if _RFC_5322.fullmatch(text) else _from_iso(text.upper())  # RFC 3339 allows t and z
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: a zone that shifts year 1 or 9999 out of the calendar
        return None


def _from_iso(text: str) -> datetime:
    """ISO-8601, with the two spellings of a day's end that Python does not take, and UTC by its name. Raises ValueError."""
    text = _NAMED_UTC.sub("Z", text)
    if _LEAP_SECOND.search(text):
        return datetime.fromisoformat(_LEAP_SECOND.sub(r"\1:59", text)) + timedelta(seconds=1)
    if _MIDNIGHT.search(text):
        return datetime.fromisoformat(_MIDNIGHT.sub(r"\g<1>00\2", text)) + timedelta(days=1)
    return datetime.fromisoformat(text)


def _from_epoch(raw: object) -> datetime | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    if _SECONDS[0] <= raw < _SECONDS[1]:
        return datetime.fromtimestamp(raw, UTC)
    if _MILLISECONDS[0] <= raw < _MILLISECONDS[1]:
        return datetime.fromtimestamp(raw / 1000, UTC)
    return None
