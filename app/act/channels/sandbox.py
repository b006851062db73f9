"""The channel without credentials: nothing leaves, the message is recorded as sent."""

from collections.abc import Collection
from datetime import datetime

from app.act.channels.base import Message


class Sandbox:
    provider = "sandbox"
    strict_window = False

    async def send(self, message: Message) -> str | None:  # noqa: ARG002
        return None

    async def find(self, message: Message, since: datetime) -> Collection[str] | None:  # noqa: ARG002
        return []  # nothing ever left

    async def close(self) -> None:
        pass
