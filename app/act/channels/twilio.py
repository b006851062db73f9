"""WhatsApp and SMS by Twilio: its client, over an HTTP client of our own that can be stopped in the middle of a call."""

import asyncio
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from app.act.channels.base import Begins, Message, NotAsked, Refused, TryLater, Unsure
from app.domain.loopback import NO_PROXY

AT_ONCE = 8  # calls, and connections for them
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


class Calls(AsyncHttpClient):  # type: ignore[misc]
    """The HTTP of Twilio's client; scheme and host of every call are those of `base`, if it is given.

    Of both that Twilio brings, one waits in a thread that nobody can stop, and the other knows no proxy.
    """

    def __init__(self, base: str | None, call_s: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True, timeout=call_s)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of each call, with the number that is asked about
        self._base = urlsplit(base) if base else None
        self._http = httpx.AsyncClient(timeout=call_s, mounts=NO_PROXY, limits=httpx.Limits(max_connections=AT_ONCE))

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as Twilio calls it; it gives none
        allow_redirects: bool = False,
    ) -> Response:
        if self._base is not None:
            parts = urlsplit(url)
            url = urlunsplit(
                (self._base.scheme, self._base.netloc, f"{self._base.path.rstrip('/')}{parts.path}", parts.query, "")
            )
        answer = await self._http.request(
            method, url, params=params, data=data, headers=headers, auth=auth, follow_redirects=allow_redirects
        )
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        await self._http.aclose()


class Twilio:
    provider = "twilio"
    strict_window = True

    def __init__(self, account: Account, call_s: float) -> None:
        self._account = account
        self._call_s = call_s
        self._calls = Calls(account.api_base, call_s)
        self._client = Client(account.sid, account.token, http_client=self._calls)
        self._turns = asyncio.Semaphore(AT_ONCE)  # so that what has begun waits for no connection

    async def send(self, message: Message, begins: Begins) -> str | None:
        async with self._turns:
            await begins()
            return await _send(self._client, self._asked(message), self._call_s)

    async def find(self, message: Message, since: datetime) -> Collection[str] | None:
        async with self._turns:
            return await _find(self._client, self._asked(message), since, self._call_s)

    async def close(self) -> None:
        await self._calls.close()

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


async def _send(client: Client, asked: dict[str, Any], call_s: float) -> str:
    try:
        # All of the call, whatever trickles in. A process that was stopped meanwhile (SIGSTOP), and wakes up when its message may
        # be somebody else's, sends nothing any more either.
        async with asyncio.timeout(call_s):
            sid = (await client.messages.create_async(**asked)).sid
    except TwilioRestException as error:
        raise _meant(error) from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise TryLater("Twilio cannot be reached") from error
    except (httpx.HTTPError, TimeoutError, *_UNREADABLE) as error:  # it broke; or no answer in time, or none to read
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


async def _find(client: Client, asked: dict[str, Any], since: datetime, call_s: float) -> list[str]:
    """Ids of messages that may be this one, the newest first: to its number, from its sender, with its text. What a
    provider's own template says nobody here knows: of that any text will do, and the status callback, which names the message,
    is what tells for sure.

    Not by Twilio's filter of dates: it passes over those that are accepted and not sent yet.
    """
    try:
        async with asyncio.timeout(call_s):
            found = await client.messages.list_async(to=asked["to"], limit=LOOKED_AT)
    except (httpx.HTTPError, TimeoutError, *_UNREADABLE) as error:
        raise NotAsked(f"Twilio could not be asked what became of it: {type(error).__name__}") from error
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
