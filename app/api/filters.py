"""What people may ask lists for."""

from app.domain.errors import BadInput
from app.domain.identifiers import Identifier
from app.domain.readings import readings


def known_status(given: str | None, known: tuple[str, ...]) -> str | None:
    """The status asked for, None for all. Raises BadInput when there is no such."""
    if given is not None and given not in known:
        raise BadInput(f"status must be one of {', '.join(known)}, not {given[:40]!r}")
    return given


def typed(text: str, country: str) -> tuple[Identifier, ...]:
    """The readings of a `type:value` filter. Raises BadInput when it has no type, or an unknown one."""
    type_name, colon, value = text.partition(":")
    if not colon:
        raise BadInput("identifier must be type:value, such as identifier=loyalty_id:LOY-789456")
    return readings(type_name.strip(), value, country)
