"""A local server that behaves like Twilio's Messages API: the outside world, for the real client to talk to."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

Answer = tuple[int, dict[str, Any]]
Plan = Callable[[dict[str, str]], "Wrong | None"]


@dataclass(frozen=True)
class Wrong:
    """What goes wrong with one call: it is refused with a status (and a code), or accepted but answered late or never
    (`hangs_up`); or it is late itself: accepted long after the client has gone."""

    status: int = 0
    code: int | None = None
    answer_after_s: float = 0
    accept_after_s: float = 0
    hangs_up: bool = False


@dataclass
class FakeTwilio:
    """`messages` are those accepted, in order. `plan` says what goes wrong with a call; `lists` the status of a list of them;
    `drips_s` how long each byte of an answer takes."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    plan: Plan = lambda _: None
    lists: int = 200
    drips_s: float = 0
    calls: int = 0
    url: str = ""
    seen: list[dict[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, form: dict[str, str]) -> Answer | None:
        with self._lock:
            self.calls += 1
            self.seen.append(form)
            wrong = self.plan(form) or Wrong()
        if wrong.status:
            said = {"code": wrong.code or 20000 + wrong.status, "message": "No.", "status": wrong.status}
            return wrong.status, said
        time.sleep(wrong.accept_after_s)
        with self._lock:
            message = self._message(form)
            self.messages.insert(0, message)
        time.sleep(wrong.answer_after_s)
        return None if wrong.hangs_up else (201, message)

    def listed(self, to: str) -> Answer:
        with self._lock:
            found = [one for one in self.messages if one["to"] == to]
        return self.lists, {"messages": found, "page": 0, "page_size": 1000, "next_page_uri": None}

    def _message(self, form: dict[str, str]) -> dict[str, Any]:
        sid = f"SM{random.getrandbits(128):032x}"
        return {
            "sid": sid,
            "account_sid": "AC" + "0" * 32,
            "to": form["To"],
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "body": form.get("Body", "Our template"),
            "of_template": form.get("ContentSid"),  # which Twilio does not tell
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(datetime.now(UTC)),
            "date_sent": None,
            "uri": f"/2010-04-01/Accounts/AC/Messages/{sid}.json",
        }


@dataclass
class Line:
    """An address, and the Twilio that answers new calls there."""

    fake: FakeTwilio

    def renewed(self) -> FakeTwilio:
        """Another Twilio at the same address; calls that are under way end at the one that they reached."""
        self.fake = FakeTwilio(url=self.fake.url)
        return self.fake


@contextmanager
def fake_twilio() -> Iterator[FakeTwilio]:
    """Serves until the block ends."""
    with twilio_line() as line:
        yield line.fake


@contextmanager
def twilio_line() -> Iterator[Line]:
    line = Line(FakeTwilio())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
            told = line.fake.create(form)
            if told is not None:
                self._answer(*told)
            else:
                self.close_connection = True

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            status, page = line.fake.listed(asked["To"][0])
            self._answer(status, {**page, "uri": self.path} if isinstance(page, dict) else page)

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                for piece in (body[at : at + 1] for at in range(len(body))) if line.fake.drips_s else (body,):
                    self.wfile.write(piece)
                    time.sleep(line.fake.drips_s)
            except OSError:  # the client has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            """A client that was killed in the middle of a call."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    line.fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
