"""The channel without credentials: nothing leaves, the message is recorded as sent."""

from collections.abc import Collection
from datetime import datetime

from app.act.channels.base import Begins, Message


class Sandbox:
    provider = "sandbox"
    strict_window = False

    async def send(self, message: Message, begins: Begins) -> str | None:  # noqa: ARG002
        return None  # and nothing begins: nothing leaves

    async def find(self, message: Message, since: datetime) -> Collection[str] | None:  # noqa: ARG002
        return []  # nothing ever left

    async def close(self) -> None:
        pass
