"""Brand ids: the tenant inside every key and every query."""

import re

from app.domain.errors import MissingBrand

BRAND_PATTERN = "^[a-z0-9][a-z0-9_-]{0,62}$"
_BRAND = re.compile(BRAND_PATTERN)


def brand_of(raw: str | None) -> str:
    """A brand id as it must be. Raises MissingBrand when it is absent or malformed."""
    brand_id = (raw or "").strip(" \t")  # white space around a header's value is no part of it
    if not brand_id:
        raise MissingBrand("send the brand's id in the x-brand-id header, such as x-brand-id: my-shop")
    if not _BRAND.fullmatch(brand_id):
        raise MissingBrand(f"x-brand-id must be 1 to 63 of a-z 0-9 _ - and start with a letter or digit, not {brand_id[:80]!r}")
    return brand_id
