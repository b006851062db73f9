"""How long work says how far it came."""

from collections.abc import Callable, Mapping

Progress = Callable[[Mapping[str, object]], None]
"""Told numbers by name, now and then."""
