"""A brand's rules: the numbers and lists that matching goes by. What they mean is in `resolve/rules.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.domain.identifiers import TYPES, Identifier

DEFAULT_LIMITS: Mapping[str, int] = {row.name: row.limit for row in TYPES.values() if row.limit is not None}
DEFAULT_FAN_OUT: Mapping[str, int] = {row.name: row.fan_out for row in TYPES.values()}

# Attribute names (`*`: all others) and the sources believed first of each, the most trusted first.
Trust = Mapping[str, tuple[str, ...]]
ALL_OTHERS = "*"

SERVICE = "0"  # the version of the service's own rules, which hold until a brand has made its own


@dataclass(frozen=True, slots=True)
class Rules:
    """A version of a brand's rules. Like what a person judged, they hold from the beginning of the log.

    `limits` is how many values of a type one person may hold; `fan_out` with how many values of another type an
    identifier of this one may be carried before it is shared (a type that is not in them has no limit); `blocked` the
    brand's own values that stand for nobody; `trust` which sources are believed first of an attribute (`*`: of all
    others), whatever is newer; `off` the names of guards in `resolve/rules.py` that the brand has switched off.
    """

    max_auto_merge: int = 3
    limits: Mapping[str, int] = field(default_factory=lambda: DEFAULT_LIMITS)
    fan_out: Mapping[str, int] = field(default_factory=lambda: DEFAULT_FAN_OUT)
    blocked: frozenset[Identifier] = frozenset()
    trust: Trust = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    version: str = SERVICE

    def to_json(self) -> str:
        """All but the version, keys sorted: equal rules give equal text."""
        said = {
            "max_auto_merge": self.max_auto_merge,
            "limits": dict(self.limits),
            "fan_out": dict(self.fan_out),
            "blocked": sorted(map(str, self.blocked)),
            "trust": {name: list(sources) for name, sources in self.trust.items()},
            "off": sorted(self.off),
        }
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def rules_from(version: str, text: str) -> Rules:
    """The rules that `to_json` gave."""
    said: dict[str, Any] = orjson.loads(text)
    return Rules(
        said["max_auto_merge"],
        said["limits"],
        said["fan_out"],
        frozenset(Identifier(*one.split(":", 1)) for one in said["blocked"]),
        {name: tuple(sources) for name, sources in said["trust"].items()},
        frozenset(said["off"]),
        version,
    )
