"""A real SMTP server (aiosmtpd) for the real client to talk to: the outside world."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from app.graph.embedded.process import free_port


class Mailbox:
    """Takes mail; `answers` are what it says to the next ones instead of taking them, `slow_s` how long it thinks once it has
    taken one, and `hesitates_s` how long before it lets anybody write one. `begun` counts letters, `asked` whole ones;
    at whichever of the two is `held` it thinks until it is no more."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.empty()

    def empty(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        self.slow_s = self.hesitates_s = 0.0
        self.begun = self.asked = 0
        self.held = ""

    async def _think(self, at: str, for_s: float) -> None:
        await asyncio.sleep(for_s)
        while self.held == at:  # noqa: ASYNC110 - whoever lets go is in another thread
            await asyncio.sleep(0.01)

    async def handle_MAIL(  # noqa: N802 - as aiosmtpd calls it
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.begun += 1
        await self._think("begun", self.hesitates_s)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        await self._think("asked", self.slow_s)
        return "250 OK"


@contextmanager
def post_office() -> Iterator[Mailbox]:
    """A server at an address of its own, in a thread of its own."""
    port = free_port()
    box = Mailbox(f"smtp://127.0.0.1:{port}")
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
