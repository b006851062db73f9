"""What a service would say of events, without one: `--dry-run`."""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from app.domain.errors import Unprocessable
from app.domain.times import whole_milliseconds
from app.importing.sending import Taken
from app.sources.base import Defaults, Delivery, Parsed

READABLE = "readable"


def checking(parse: Callable[[Delivery, Defaults], Parsed], brand: str) -> Callable[[Sequence[bytes]], Taken]:
    """Says of a chunk what the source's own reading says; a brand's own default country is not known here."""

    def take(events: Sequence[bytes]) -> Taken:
        if not events:
            return Taken(Counter(), {})
        now = whole_milliseconds(datetime.now(UTC))
        body = b"[" + b",".join(events) + b"]"
        try:
            parse(Delivery(brand, {}, body, now, uuid.uuid4().hex), Defaults())
        except Unprocessable as error:
            errors = error.extra["errors"]
            assert isinstance(errors, list)
            wrong = {one["index"]: str(one["detail"]) for one in errors}
            return Taken(Counter({READABLE: len(events) - len(wrong)}), wrong)
        return Taken(Counter({READABLE: len(events)}), {})

    return take
