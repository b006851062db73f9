"""Moments that people ask about: in query strings and bodies, with a zone or in UTC."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator


def _unescaped(raw: object) -> object:
    """A `+` of a zone that was not escaped in a query string arrives as a space."""
    return re.sub(r"(:\d\d[\d.]*) (\d\d:?\d\d)$", r"\1+\2", raw) if isinstance(raw, str) else raw


def _in_utc(at: datetime | None) -> datetime | None:
    """Without a zone it is UTC already, as events' times are (`app/domain/times.py`)."""
    try:
        return at and (at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC))
    except OverflowError as error:
        raise ValueError("it lies beyond the calendar: years are 1 to 9999 in UTC") from error


Moment = Annotated[datetime | None, BeforeValidator(_unescaped), AfterValidator(_in_utc)]
