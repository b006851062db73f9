"""What a source is: it verifies the sender and turns a raw body into events. One file per source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.bodies import MAX_BODY_BYTES
from app.domain.events import Event
from app.domain.identifiers import Identifier


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP call as it came. Header names are lower-case. `received_at` is aware UTC, `request_id` is the call's own, `query`
    is what stands behind the path, `raw_query` the same as it was sent. `mark` is the byte order mark that stood before the body,
    which nobody reads, and which a signature covers. `backfill`: all it tells is brought in after the fact."""

    brand_id: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    request_id: str
    query: Mapping[str, str] = field(default_factory=dict)
    raw_query: str = ""
    mark: bytes = b""
    backfill: bool = False

    @property
    def sent(self) -> bytes:
        """The body to the last byte, which is what senders sign."""
        return self.mark + self.body


@dataclass(frozen=True, slots=True)
class Trust:
    """How a brand tells that a call is from the sender it names. Any of `secrets` may have signed: there are two while one is
    replaced. `public_url` is where the sender thinks it sends, `shop_domain` and `account_sid` whose calls are meant."""

    secrets: tuple[str, ...] = field(repr=False)
    public_url: str | None = None
    shop_domain: str | None = None
    account_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the brand is taken to mean where a payload is silent: ISO 4217 currency, ISO 3166 alpha-2 country."""

    currency: str = "USD"
    country: str = "US"


class Reply(StrEnum):
    JSON = "json"
    TWIML = "twiml"


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says became of a message that we sent: the provider's id of it, its word, the code of an error, and our
    own id of it where the provider was told."""

    message_id: str
    status: str
    error_code: str | None = None
    campaign_id: str | None = None


class Wanted(StrEnum):
    ERASURE = "erasure"
    EXPORT = "export"
    SHOP_ERASURE = "shop_erasure"  # of all that came from a shop, and of nobody in particular


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked their shop for, as a platform passes it on. Who they are: whoever holds one of the first group of
    identifiers that anybody holds. `key` is the same when it is told again, `shop_domain` the platform's name of the shop."""

    wanted: Wanted
    topic: str
    key: str
    named: tuple[tuple[Identifier, ...], ...]
    shop_domain: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a delivery says: events to resolve, the types it named that are no events, and how to answer. `reports` are of
    messages of ours, `wishes` of people who ask for what is theirs."""

    events: tuple[Event, ...]
    ignored: tuple[str, ...] = ()
    reply: Reply = Reply.JSON
    reports: tuple[Report, ...] = ()
    wishes: tuple[Wish, ...] = ()


Verify = Callable[[Delivery, Trust], None]


@dataclass(frozen=True, slots=True)
class Source:
    """One door of the service. `path` is its route; `parse` raises BadInput.

    `verify` are those who may sign what comes, by their names (app/domain/senders.py); they raise Unsigned and Forged.
    `sender_of` says which of several a delivery must be from (None: of nobody who signs). `also` are other names it goes by in
    paths that name the brand; `media` the content types of its bodies, of `most_bytes` at the most; `lists` says that a body may
    hold several, `reply` how its senders are answered.
    """

    name: str
    path: str
    parse: Callable[[Delivery, Defaults], Parsed]
    verify: Mapping[str, Verify] = field(default_factory=dict)
    sender_of: Callable[[Delivery], str | None] | None = None
    also: tuple[str, ...] = ()
    media: tuple[str, ...] = ("application/json",)
    most_bytes: int = MAX_BODY_BYTES
    lists: bool = False
    reply: Reply = Reply.JSON

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)

    def sender(self, delivery: Delivery) -> str | None:
        """Who must have signed a delivery, where a brand gave them a secret. Raises BadInput."""
        return self.sender_of(delivery) if self.sender_of is not None else next(iter(self.verify), None)


@dataclass(frozen=True, slots=True)
class Example:
    """A body that works, for documentation and tests: what it gives is `types`, in order."""

    headers: Mapping[str, str]
    body: bytes
    types: tuple[str, ...]
