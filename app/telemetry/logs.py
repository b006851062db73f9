"""Logs: one line a record, as JSON for machines or as text for people, without what identifies a customer.

    configure(logging.INFO, "json", sys.stderr)

What a message or an exception says is masked here, at the one place where all of it passes: e-mail addresses, phone
numbers and long runs of digits. Names of people cannot be told from other words; nothing logs them on purpose.
"""

import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from app.telemetry.requests import request_ids

EMAIL, DIGITS = "[e-mail]", "[digits]"
LONGEST = 20_000  # characters of one text: a log is no place for a whole body
MOST_IDS = 100

# Ids of ours hold runs of digits too. What is nothing but digits is none of them.
_ID = r"(?=[0-9-]*[a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}(?:[0-9a-f]{32})?)(?![0-9a-f])"
_NUMBER = r"\+?\d(?:[\s().\-/\u2010-\u2015]{0,3}\d){6,}"
_ID_OR_NUMBER = re.compile(rf"(?<![0-9a-f])(?P<id>{_ID})|{_NUMBER}")
# Whole words, since an address may hold nearly any sign; found without going back, however long a word is.
_WORD = re.compile(r"[^\s\"<>()\[\],;:\\]+")

# What a terminal obeys and nobody sees: control characters, ends of lines, and marks that turn the order of writing.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

# What every LogRecord has. Whatever else is on one was given as `extra`, and belongs to the line.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def mask(text: str) -> str:
    """The text without e-mail addresses, phone numbers and other runs of seven digits and more."""
    return _ID_OR_NUMBER.sub(lambda found: found["id"] or DIGITS, _WORD.sub(_masked_word, text[:LONGEST]))


def spelt_out(text: str) -> str:
    """The text with its unseen characters spelt out, as strangers' words are on a terminal."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _masked_word(found: re.Match[str]) -> str:
    word = found[0]
    return EMAIL if "@" in word or "%40" in word else word


def _shown(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float) else mask(str(value))


def _of(record: logging.LogRecord, format_exception: Callable[[Any], str]) -> dict[str, object]:
    """What is said of a record, masked, in the order it is read."""
    ids = request_ids.get()
    said: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": mask(record.getMessage()),
    }
    if len(ids) == 1:
        said["request_id"] = ids[0]
    elif ids:
        said["request_ids"] = ids[:MOST_IDS]
    said |= {name: _shown(value) for name, value in vars(record).items() if name not in _USUAL}
    if record.exc_info:
        said["exception"] = mask(format_exception(record.exc_info))
    return said


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_of(record, self.formatException))


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = _of(record, self.formatException)
        time, level, name, message = (said.pop(key) for key in ("time", "level", "logger", "message"))
        exception = said.pop("exception", None)
        more = "".join(f" {key}={','.join(value) if isinstance(value, tuple) else value}" for key, value in said.items())
        lines = [f"{time} {str(level).upper():7} {name}: {message}{more}", *(str(exception).splitlines() if exception else ())]
        return "\n".join(map(spelt_out, lines))


def configure(level: str, form: str | None, stream: TextIO) -> str:
    """All logs of the process go to `stream` as `json` or `text`; None is text on a terminal, else JSON. Returns which."""
    form = form or ("text" if stream.isatty() else "json")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # They tell at INFO of each request and each connection.
    for name in ("httpx", "httpcore", "neo4j"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    return form
