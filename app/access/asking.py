"""Whose key the call brought that is being answered, for those who write down who did something."""

from contextvars import ContextVar

from app.domain.access import ApiKey

asking = ContextVar[ApiKey | None]("asking", default=None)


def name_of_key() -> str | None:
    """None where no key was asked for, or none needed."""
    key = asking.get()
    return None if key is None else key.name
