"""What a channel is: it takes one message to the outside world, and says plainly what became of it."""

import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `to` is a number with + or an e-mail address. With a `content_sid` the provider's own template is sent,
    and `body` only says what that is like. `leave_url` is where who gets it says that they want no more."""

    campaign_id: str
    brand_id: str
    channel: str
    to: str
    body: str
    subject: str | None = None
    content_sid: str | None = None
    content_variables: Mapping[str, str] | None = None
    leave_url: str | None = None


class Refused(Exception):
    """It was not sent, and never will be: trying again is of no use."""


class NobodyKnows(Refused):
    """It may have been sent, and its provider cannot be asked. Whoever wants it sent again has to look first."""


class TryLater(Exception):
    """It was not sent; later it may be."""


class NotAsked(TryLater):
    """It may have been sent before, and whether it was nobody could say now."""


def before_another_try_s(first_s: float, tries: int, longest_s: float) -> float:
    """Twice as long after each of the tries so far, and not all who wait at once."""
    return min(first_s * 2.0 ** (tries - 1), longest_s) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


class Unsure(Exception):
    """It may have been sent: nobody answered in time, or in a way that tells."""


Begins = Callable[[], Awaitable[None]]
"""Awaited right before a message leaves, once no turn has to be waited for any more: from then on it may have been sent. What
it raises is passed on, and nothing leaves."""


class Channel(Protocol):
    """A way to the outside. `provider` is its name; `strict_window` says that WhatsApp's 24 hours are enforced there."""

    @property
    def provider(self) -> str: ...

    @property
    def strict_window(self) -> bool: ...

    async def send(self, message: Message, begins: Begins) -> str | None:
        """Sends it once and gives the provider's id of it. Raises Refused, TryLater or Unsure, and what `begins` raises."""
        ...

    async def find(self, message: Message, since: datetime) -> Collection[str] | None:
        """Ids of messages there that may be this one, sent since then; None when the provider cannot be asked.

        Raises NotAsked when it does not answer now.
        """
        ...

    async def close(self) -> None: ...
