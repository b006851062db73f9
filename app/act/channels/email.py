"""E-mail by SMTP. A server cannot be asked what became of a message, so one that may have been sent is parked."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.act.channels.base import Begins, Message, Refused, TryLater, Unsure
from app.act.templates import one_line
from app.domain.errors import SetUpError
from app.domain.mail import PORTS, SENDER, WANTED, is_sender
from app.domain.normalise import Malformed, with_ascii_domain

AT_ONCE = 4  # connections to the server


@dataclass(frozen=True, slots=True)
class Server:
    """`start_tls` None: when the server offers it. `sender` is an address, perhaps with a name: `Shop <hi@shop.example>`."""

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = None
    use_tls: bool = False
    start_tls: bool | None = None


def server_of(url: str, sender: str) -> Server:
    """The server of smtp://user:password@host:port, smtps:// (TLS from the start) or smtp+starttls:// (TLS or nothing).

    Raises SetUpError; the URL is not shown, it holds a password.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port or PORTS.get(parts.scheme, 0), parts.hostname
    except ValueError:
        port, host, parts = 0, None, urlsplit("")
    if parts.scheme not in PORTS or not host or not port:
        raise SetUpError(f"SMTP_URL must be {WANTED}")
    if not is_sender(sender):
        raise SetUpError(f"SMTP_FROM must be {SENDER}")
    return Server(
        host,
        port,
        sender,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        start_tls={"smtps": False, "smtp+starttls": True}.get(parts.scheme),
    )


class Email:
    provider = "smtp"
    strict_window = False

    def __init__(self, server: Server, call_s: float) -> None:
        self._server = server
        self._call_s = call_s
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def send(self, message: Message, begins: Begins) -> str | None:
        """The Message-ID, which is the same however often the message is tried."""
        written = letter(message, self._server.sender)
        async with self._turns:
            client = self._client()
            try:
                await self._connect(client)
                await begins()
                async with asyncio.timeout(self._call_s):
                    await client.send_message(written)
            except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
                raise _meant(error) from error
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
                raise Unsure(f"the mail server gave no answer that tells: {_said(error)}") from error
            finally:
                client.close()
        return str(written["Message-ID"])

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            async with asyncio.timeout(self._call_s):
                await client.connect()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise TryLater(f"the mail server cannot be used: {_said(error)}") from error

    async def find(self, message: Message, since: datetime) -> Collection[str] | None:  # noqa: ARG002
        return None

    async def close(self) -> None:
        pass

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.use_tls,
            start_tls=server.start_tls,
            timeout=self._call_s,
        )


class _InOnePiece(UnstructuredHeader, BaseHeader):
    """A header that is longer than a line of 78 signs, and at the most one of 998: a link that is cut up, or written as encoded
    words, is none to mail programs."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", _InOnePiece)
POLICY = EmailPolicy(header_factory=HEADERS)


def letter(message: Message, sender: str) -> EmailMessage:
    """The e-mail itself. No header can be smuggled in: each is one line. Raises Refused for what is no address."""
    name, address = parseaddr(sender)
    written = EmailMessage(POLICY)
    try:
        address = with_ascii_domain(address)
        written["From"] = Address(one_line(name), addr_spec=address)
        written["To"] = Address(addr_spec=with_ascii_domain(message.to))
    except (ValueError, IndexError, MessageError, Malformed) as error:
        raise Refused(f"this is no address that mail can go to: {error}") from error
    written["Subject"] = one_line(message.subject or "")
    written["Date"] = format_datetime(datetime.now(UTC))
    written["Message-ID"] = f"<{message.campaign_id}@{address.rpartition('@')[2]}>"
    if message.leave_url is not None:  # RFC 8058: mail programs show a button of their own, and post to it
        written["List-Unsubscribe"] = f"<{message.leave_url}>"
        written["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    written.set_content(message.body)
    return written


def _meant(error: aiosmtplib.SMTPException) -> Exception:
    """4xx is for now, 5xx for good."""
    codes = [one.code for one in error.recipients] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else []
    code = codes[0] if codes else getattr(error, "code", 0)
    said = f"the mail server said {code}: {_said(error)}"
    return Refused(said) if 500 <= code < 600 else TryLater(said)


def _said(error: BaseException) -> str:
    return one_line(str(error))[:200] or type(error).__name__
