"""Logs: what a line holds, and what it never does."""

import io
import json
import logging
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.telemetry.logs import JsonFormatter, TextFormatter, configure, mask
from app.telemetry.requests import request_id_of, request_ids

FORMATTERS: list[Callable[[], logging.Formatter]] = [JsonFormatter, TextFormatter]


def line(formatter: logging.Formatter, message: str, *args: object, error: Exception | None = None, **extra: object) -> str:
    record = logging.makeLogRecord({"msg": message, "args": args, "levelno": 30, "levelname": "WARNING", "name": "a", **extra})
    if error is not None:
        try:
            raise error
        except Exception:  # noqa: BLE001 - it shall have a traceback
            record.exc_info = sys.exc_info()
    return formatter.format(record)


separators = st.sampled_from(["", " ", "-", ".", " - ", ") ", "\u2011", "\u00a0", "/"])


@st.composite
def phones(draw: st.DrawFn) -> str:
    digits = draw(st.lists(st.sampled_from("0123456789"), min_size=7, max_size=15))
    written = "".join(one + draw(separators) for one in digits).strip(" -./)\u2011\u00a0")
    return draw(st.sampled_from(["", "+", "00", "whatsapp:+"])) + written


@pytest.mark.parametrize("make", FORMATTERS)
@given(st.emails(), st.text(max_size=20), st.text(max_size=20), st.booleans())
@example("o'neil+tag@sub.mail.co.uk", '{"email":"', '"}', False)
def test_no_address_survives(make: Callable[[], logging.Formatter], address: str, before: str, after: str, quoted: bool) -> None:
    text = before + (f" {address} " if not quoted else f"<{address}>") + after
    for said in (
        line(make(), "about %s", text),
        line(make(), text.replace("%", "%%")),
        line(make(), "x", error=ValueError(text)),
        line(make(), "x", detail=text),
    ):
        assert address not in said
        assert json.dumps(address)[1:-1] not in said


@pytest.mark.parametrize("make", FORMATTERS)
@given(phones(), st.text(max_size=20), st.text(max_size=20))
@example("+1-555-0123-99", "tel", "x")
@example("15550123", "a" * 31, "b" * 40)
def test_no_phone_survives(make: Callable[[], logging.Formatter], phone: str, before: str, after: str) -> None:
    text = before + phone + after
    for said in (line(make(), "about %s", text), line(make(), "x", error=ValueError(text)), line(make(), "x", detail=text)):
        assert phone not in said
        assert json.dumps(phone)[1:-1] not in said


def test_what_is_nobodys_stays_readable() -> None:
    for text in (
        "profile 3f2504e0-4f89-11d3-9a0c-0305e82c3301 was not found",
        "request 0123456789abcdef0123456789abcdef",
        "bolt://127.0.0.1:7687 after 4.5 s, 503",
        "prof-101, 12,345 events",
    ):
        assert mask(text) == text


def test_a_long_word_is_masked_in_no_time() -> None:
    began = time.perf_counter()
    for text in ("a" * 1_000_000, "1 " * 500_000, "1.-(" * 250_000, "a.b-" * 250_000 + "@mail.org", "0f" * 500_000):
        assert len(mask(text)) <= 20_000
    assert time.perf_counter() - began < 1


def test_a_line_of_json_is_one_line_and_names_its_request() -> None:
    token = request_ids.set(("req-1",))
    said = line(JsonFormatter(), "two\nlines", error=ValueError("why"), status=503)
    request_ids.reset(token)
    assert "\n" not in said
    held = json.loads(said)
    assert held["message"] == "two\nlines"
    assert (held["level"], held["request_id"], held["status"]) == ("warning", "req-1", 503)
    assert "ValueError: why" in held["exception"]
    assert held["time"].endswith("Z")


def test_a_line_of_a_batch_names_all_its_requests() -> None:
    token = request_ids.set(("req-1", "req-2"))
    held, text = json.loads(line(JsonFormatter(), "stored")), line(TextFormatter(), "stored")
    request_ids.reset(token)
    assert held["request_ids"] == ["req-1", "req-2"]
    assert text.endswith("request_ids=req-1,req-2")


@pytest.mark.parametrize(
    ("given_id", "taken"),
    [
        ("01J-abc_9.x", True), ("a" * 64, True), ("a" * 65, False), ("", False), (None, False), ("a b", False),
        ("a\nb", False), ("ann@mail.org", False), ("15550123", False), ("é", False), ("-a", False),
    ],
)  # fmt: skip
def test_a_senders_request_id_is_taken_when_it_is_clean(given_id: str | None, taken: bool) -> None:
    assert (request_id_of(given_id) == given_id) is taken
    assert request_id_of(given_id)


@pytest.fixture
def _root_as_it_was() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_root_as_it_was")
def test_text_is_for_terminals() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert configure("INFO", None, Terminal()) == "text"
    assert configure("INFO", "json", Terminal()) == "json"
    assert configure("INFO", "text", io.StringIO()) == "text"
    stream = io.StringIO()
    assert configure("INFO", None, stream) == "json"
    logging.getLogger("anybody").info("call %s", "+1 555 0123 44")
    assert json.loads(stream.getvalue())["message"] == "call [digits]"


def test_a_line_of_text_is_one_line_and_moves_no_cursor() -> None:
    """What strangers send may be on it: no second line of theirs, no colours, no words that run backwards."""
    said = line(TextFormatter(), "no page at %s", "/a\nERROR all is lost\r\x1b[2J\u202e", detail="b\n\x9bc\u2028d")
    assert said.isprintable()
    assert r"/a\nERROR all is lost\r\x1b[2J\u202e" in said
    told = line(TextFormatter(), "x", error=ValueError("\x1b[2J"))
    assert "\x1b" not in told
    assert told.count("\n") > 2, "a traceback keeps its lines"
