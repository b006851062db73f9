"""Names of segments: one spelling, and the aliases that are read as it."""

from collections.abc import Mapping

ALIASES: Mapping[str, str] = {"loyal": "loyal_customer"}


def canonical_segment(name: str) -> str:
    """The name that a segment is stored under, such as `loyal_customer` for `loyal`."""
    plain = name.strip().lower()
    return ALIASES.get(plain, plain)
