"""Names of segments: one spelling, and the aliases that are read as it."""

from collections.abc import Mapping

NAMES = (
    "champion", "loyal_customer", "potential_loyalist", "new_customer", "need_attention", "about_to_sleep", "at_risk",
    "hibernating", "lost",
)  # fmt: skip
ALIASES: Mapping[str, str] = {"loyal": "loyal_customer"}


def canonical_segment(name: str) -> str:
    """The name that a segment is stored under, such as `loyal_customer` for `loyal`."""
    plain = name.strip().lower()
    return ALIASES.get(plain, plain)
