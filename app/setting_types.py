"""What values settings take, and what is said of one that cannot be used. No message shows the value: it may hold a secret."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from app.domain import loopback, mail
from app.domain.money import EXPONENT

NEO4J_SCHEMES = frozenset(f"{scheme}{tls}" for scheme in ("bolt", "neo4j") for tls in ("", "+s", "+ssc"))

Text = TypeVar("Text", str | None, SecretStr | None)


def _memory_size(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*[mgMG]", value, re.ASCII):
        raise ValueError("must be a number of megabytes or gigabytes, such as 512m or 4g")
    return value


def _currency(value: str) -> str:
    """Else each amount without a currency would be refused, and its sender told that it is wrong."""
    if value not in EXPONENT:
        raise ValueError("must be an ISO 4217 currency, such as USD or EUR")
    return value


def _country(value: str) -> str:
    """Else no phone number would be read that lacks its country, and nobody told."""
    from app.domain.normalise import region  # noqa: PLC0415 - a tenth of a second, which only who reads settings waits

    return region(value)


def _none_when_blank(value: object) -> object:
    """White space alone means "not set" where there need be nothing."""
    return None if isinstance(value, str) and not value.strip() else value


def _json_object(value: object) -> object:
    """Read here, so that what is no JSON is told like any other bad setting."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else {}
    except json.JSONDecodeError as error:
        raise ValueError(f"must be a JSON object: {error}") from error


def _url(takes: Callable[[SplitResult], bool], wanted: str) -> AfterValidator:
    """A typing error is told at once, not as a connection that fails."""

    def check(value: Text) -> Text:
        url = value.get_secret_value() if isinstance(value, SecretStr) else value
        try:
            parts = urlsplit(url or "")
            # A password may hold blanks; elsewhere urlsplit passes over them, and whoever calls the URL does not.
            whole = isinstance(value, SecretStr) or not re.search(r"\s", url or "")
            good = url is None or (takes(parts) and bool(parts.hostname) and parts.port != 0 and whole)
        except ValueError:  # a port that is none, or a bracket that does not close
            good = False
        if not good:
            raise ValueError(f"must be {wanted}")
        return value

    return AfterValidator(check)


def _is_safe(parts: SplitResult) -> bool:
    """Over TLS, or on this very machine."""
    here = parts.scheme == "http" and parts.hostname in loopback.HOSTS
    return (parts.scheme == "https" or here) and "@" not in parts.netloc


def _separated(value: object) -> object:
    return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


def _all_addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", one) for one in value):
        raise ValueError("must be e-mail addresses with commas between, such as ann@shop.example, bob@shop.example")
    return tuple(dict.fromkeys(value))


def _host_names(value: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(one.lower().rstrip(".") for one in value)
    if not all(one == "*" or re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", one, re.ASCII) for one in names):
        raise ValueError("must be names of hosts with commas between, without https:// and ports, such as identity.shop.example")
    return tuple(dict.fromkeys(names))


def _trimmed(value: object) -> object:
    """Nobody means the blanks around, nor the end of a line that a file with Windows' brought along."""
    return value.strip() if isinstance(value, str) else value


def _folder(value: Path) -> Path:
    """`~` as a shell has it: units of systemd and compose files hand it on, and a folder of that name would be made."""
    return value.expanduser()


def _fits_a_header(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"[!-~]+", value.get_secret_value(), re.ASCII):
        raise ValueError("must be a key as it was shown: letters, digits, - and _ without blanks")
    return value


def _mail_sender(value: str | None) -> str | None:
    if value is not None and not mail.is_sender(value):
        raise ValueError(f"must be {mail.SENDER}")
    return value


MaybeBlank = BeforeValidator(_none_when_blank)
Trimmed = BeforeValidator(_trimmed)
JsonObject = BeforeValidator(_json_object)
OptionalStr = Annotated[str | None, MaybeBlank, Trimmed]
OptionalSecret = Annotated[SecretStr | None, MaybeBlank]
HeaderSecret = Annotated[OptionalSecret, Trimmed, AfterValidator(_fits_a_header)]
MailServer = Annotated[OptionalSecret, Trimmed, _url(lambda parts: parts.scheme in mail.PORTS, mail.WANTED)]
MailSender = Annotated[OptionalStr, AfterValidator(_mail_sender)]
Folder = Annotated[Path, Trimmed, AfterValidator(_folder)]
MemorySize = Annotated[str, AfterValidator(_memory_size)]
Currency = Annotated[str, AfterValidator(_currency)]
Country = Annotated[str, AfterValidator(_country)]
EmailAddresses = Annotated[tuple[str, ...], BeforeValidator(_separated), AfterValidator(_all_addresses)]
HostNames = Annotated[tuple[str, ...], BeforeValidator(_separated), AfterValidator(_host_names)]
HttpUrl = Annotated[OptionalStr, _url(lambda parts: parts.scheme in {"http", "https"}, "an http:// or https:// URL")]
WebhookUrl = Annotated[
    OptionalStr, _url(_is_safe, "an https:// URL without user name and password (http:// only of this machine: 127.0.0.1)")
]
Neo4jUri = Annotated[
    OptionalStr,
    _url(
        lambda parts: parts.scheme in NEO4J_SCHEMES and "@" not in parts.netloc,
        "bolt:// or neo4j:// (+s or +ssc for TLS), a host and perhaps a port up to 65535, such as bolt://localhost:7687; user "
        "name and password have variables of their own",
    ),
]
