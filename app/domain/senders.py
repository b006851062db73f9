"""What a brand says of those who send to it: what they sign with, what their addresses are, and whether they may."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

SenderName = Literal["shopify", "twilio", "square", "lightspeed", "toast", "segment"]
SENDERS: tuple[str, ...] = get_args(SenderName)
SEGMENT = "segment"  # signs nothing: its write key says whose a call is
MOST_SECRETS = 5  # of one sender: the one in use, and those that are on their way in or out


@dataclass(frozen=True, slots=True)
class Sender:
    """One sender of a brand. As long as nothing was said of it, it may send unsigned.

    `secrets`: any of them may have signed; None: it has some, and they were sealed with a key that is not ours. `public_url` is
    where the sender thinks it sends, `default_country` (ISO 3166 alpha-2) whose national phone numbers it writes. `delivered_at`
    is when something of it was taken last, to the minute.
    """

    name: str
    secrets: tuple[str, ...] | None = field(default=(), repr=False)
    shop_domain: str | None = None
    account_sid: str | None = None
    public_url: str | None = None
    default_country: str | None = None
    write_key_digest: str | None = None
    enabled: bool = True
    changed_at: datetime | None = None
    delivered_at: datetime | None = None
