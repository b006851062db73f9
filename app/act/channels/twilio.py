"""WhatsApp and SMS by Twilio. Its client is synchronous: a bounded number of threads, each with a client of its own (one
client keeps its last response in a field, which two threads would mix up)."""

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from app.act.channels.base import Begins, Message, Refused, TryLater, Unsure
from app.domain import loopback

T = TypeVar("T")

THREADS = 8
LOOKED_AT = 1_000  # messages to one number that are looked through
TRIAL = "Sent from your Twilio trial account - "
OPTED_OUT, NO_SUCH_NUMBER = 21610, 21211
# What the client raises of an answer that is not Twilio's: it looks into JSON of any shape without asking what that is.
_UNREADABLE = (TwilioException, ValueError, TypeError, LookupError, AttributeError)
SAYS = {OPTED_OUT: "the recipient has opted out", NO_SUCH_NUMBER: "this is no number that can be reached"}


@dataclass(frozen=True, slots=True)
class Account:
    """`senders` by channel: a number, or (MG...) a messaging service. `api_base` is where Twilio answers, if not at its own
    address. In `status_callback` `{brand}` stands for the brand; which message it is about is added to it."""

    sid: str
    token: str
    senders: dict[str, str]
    api_base: str | None = None
    status_callback: str | None = None


class Elsewhere(TwilioHttpClient):  # type: ignore[misc]
    """The client's own HTTP, with scheme and host of every call rewritten."""

    def __init__(self, base: str | None, timeout: float) -> None:
        super().__init__(timeout=timeout)
        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it tells of each call, with numbers and texts
        self._base = urlsplit(base) if base else None
        # What is asked of this machine goes through no proxy.
        self.session.trust_env = self._base is None or self._base.hostname not in loopback.HOSTS

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._base is not None:
            parts = urlsplit(url)
            url = urlunsplit(
                (self._base.scheme, self._base.netloc, f"{self._base.path.rstrip('/')}{parts.path}", parts.query, "")
            )
        return super().request(method, url, *args, **kwargs)


class Twilio:
    provider = "twilio"
    strict_window = True

    def __init__(self, account: Account, call_s: float) -> None:
        self._account = account
        self._call_s = call_s
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="twilio")
        self._turns = asyncio.Semaphore(THREADS)  # so that what has begun waits for no thread
        self._own = threading.local()

    async def send(self, message: Message, begins: Begins) -> str | None:
        async with self._turns:
            await begins()
            return await self._in_a_thread(lambda client: _send(client, self._asked(message)))

    async def find(self, message: Message, since: datetime) -> Collection[str] | None:
        async with self._turns:
            return await self._in_a_thread(lambda client: _find(client, self._asked(message), since))

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_a_thread(self, work: Callable[[Client], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(self._client()))

    def _client(self) -> Client:
        if not hasattr(self._own, "client"):
            http = Elsewhere(self._account.api_base, self._call_s)
            self._own.client = Client(self._account.sid, self._account.token, http_client=http)
        client: Client = self._own.client
        return client

    def _asked(self, message: Message) -> dict[str, Any]:
        sender = self._account.senders[message.channel]
        asked: dict[str, Any] = {"to": _to(message)}
        if sender.startswith("MG"):
            asked["messaging_service_sid"] = sender
        else:
            asked["from_"] = _address(message.channel, sender)
        if message.content_sid is not None:
            asked["content_sid"] = message.content_sid
            asked["content_variables"] = json.dumps(dict(message.content_variables or {}))
        else:
            asked["body"] = message.body
        if self._account.status_callback:
            asked["status_callback"] = _callback(self._account.status_callback, message)
        return asked


def _callback(url: str, message: Message) -> str:
    """Where Twilio reports of this very message: a report then names it, also when nobody here heard its id."""
    parts = urlsplit(url.replace("{brand}", message.brand_id))
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("campaign", message.campaign_id)])
    return urlunsplit(parts._replace(query=query))


def _to(message: Message) -> str:
    return _address(message.channel, message.to)


def _address(channel: str, number: str) -> str:
    plain = number.removeprefix("whatsapp:")
    return f"whatsapp:{plain}" if channel == "whatsapp" else plain


def _send(client: Client, asked: dict[str, Any]) -> str:
    try:
        sid = client.messages.create(**asked).sid
    except TwilioRestException as error:
        raise _meant(error) from error
    except requests.exceptions.ConnectTimeout as error:
        raise TryLater("Twilio cannot be reached") from error
    except requests.exceptions.ConnectionError as error:
        if _never_connected(error):
            raise TryLater("Twilio cannot be reached") from error
        raise Unsure(f"the connection to Twilio broke: {type(error).__name__}") from error
    except (requests.exceptions.RequestException, *_UNREADABLE) as error:  # no answer in time, or none to read
        raise Unsure(f"Twilio gave no answer that tells: {type(error).__name__}") from error
    if not _is_sid(sid):  # two messages of one id would be one to us, and the second could not be noted
        raise Unsure("Twilio gave no answer that tells: it names no message")
    return str(sid)


def _is_sid(sid: object) -> bool:
    return isinstance(sid, str) and sid != ""


def _meant(error: TwilioRestException) -> Exception:
    """What an answer of Twilio's that is no 2xx means for the message."""
    said = f"Twilio {error.status}{f' {error.code}' if error.code else ''}: {SAYS.get(error.code or 0, error.msg)}"
    if error.code in SAYS:
        return Refused(said)
    if error.status >= 500:
        return Unsure(said)
    if error.status in (401, 403, 408, 429):  # too fast, or credentials that somebody will mend
        return TryLater(said)
    return Refused(said)


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _find(client: Client, asked: dict[str, Any], since: datetime) -> list[str]:
    """Ids of messages that may be this one, the newest first: to its number, from its sender, with its text. What a
    provider's own template says nobody here knows: of that any text will do, and the status callback, which names the message,
    is what tells for sure.

    Not by Twilio's filter of dates: it passes over those that are accepted and not sent yet.
    """
    try:
        found = list(client.messages.stream(to=asked["to"], limit=LOOKED_AT))
    except (requests.exceptions.RequestException, *_UNREADABLE) as error:
        raise TryLater(f"Twilio could not be asked what became of it: {type(error).__name__}") from error
    return [
        str(one.sid)
        for one in found
        if _is_sid(one.sid)
        and str(one.direction or "outbound").startswith("outbound")
        and (one.date_created is None or one.date_created >= since)
        and _same_sender(one, asked)
        and ("content_sid" in asked or _plain(one.body) == _plain(asked["body"]))
    ]


def _same_sender(one: Any, asked: dict[str, Any]) -> bool:
    if "messaging_service_sid" in asked:
        return bool(one.messaging_service_sid == asked["messaging_service_sid"])
    return bool(one.from_ == asked["from_"])


def _plain(body: str | None) -> str:
    """Text as it can be compared: Twilio trims it, and says so when the account is on trial."""
    return " ".join((body or "").removeprefix(TRIAL).split())
