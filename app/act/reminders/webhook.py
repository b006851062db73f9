"""An admin's webhook. What may have arrived is sent again under the same id, which its receiver can know."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from app.act.channels.base import Refused, TryLater
from app.act.reminders.telling import DELIVERY, SIGNATURE, signature
from app.act.templates import one_line
from app.domain.loopback import NO_PROXY

LATER = frozenset({408, 409, 425, 429})  # and whatever is the receiver's own fault


@dataclass(frozen=True, slots=True)
class Webhook:
    """One call takes at most `call_s`."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    call_s: float

    @property
    def host(self) -> str:
        """What may be shown of it: the rest of an address may be a secret."""
        return urlsplit(self.url).hostname or ""

    async def call(self, reminder_id: str, body: str) -> None:
        """Raises TryLater, or Refused for what another try does not mend. The body of its answer is not read."""
        headers = {
            "content-type": "application/json",
            SIGNATURE: signature(body, self.secret, int(datetime.now(UTC).timestamp())),
            DELIVERY: reminder_id,
        }
        try:
            async with (
                asyncio.timeout(self.call_s),  # all of the call, whatever trickles in
                httpx.AsyncClient(timeout=self.call_s, mounts=NO_PROXY) as client,
                client.stream("POST", self.url, content=body.encode(), headers=headers) as answer,
            ):
                status = answer.status_code
        except (httpx.HTTPError, OSError, TimeoutError) as error:
            said = one_line(str(error))[:200] or type(error).__name__
            raise TryLater(f"the webhook at {self.host} gave no answer: {said}") from error
        if 200 <= status < 300:
            return
        said = f"the webhook at {self.host} said {status}"
        if status >= 500 or status in LATER:
            raise TryLater(said)
        raise Refused(f"{said}; mend the address or its receiver, and send it once more")
