"""All who send us something, one file each. A new source is a file with `SOURCE` and `EXAMPLE`, and a line here."""

from app.sources import canonical, pos, shopify, tracking, twilio
from app.sources.base import Example, Source

_MODULES = (shopify, twilio, pos, tracking, canonical)

SOURCES: tuple[Source, ...] = tuple(module.SOURCE for module in _MODULES)
EXAMPLES: dict[str, Example] = {module.SOURCE.name: module.EXAMPLE for module in _MODULES}
