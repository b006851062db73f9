"""The variables of the environment by their names: which holds what cannot be used, and which is nobody's."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from pydantic import AliasChoices, ValidationError

from app.settings import ENV_PREFIX, Settings

ALSO_OURS = "CONSTINTEL_MAVEN_REPOSITORY"  # which set-up reads


def variables(field: str) -> tuple[str, ...]:
    """By which a setting is given, the one that goes before the others first."""
    alias = Settings.model_fields[field].validation_alias
    return tuple(map(str, alias.choices)) if isinstance(alias, AliasChoices) else (f"{ENV_PREFIX}{field.upper()}",)


def complaints(error: ValidationError) -> list[str]:
    """What is wrong with which variable of the environment, one line each."""
    return [f"{_variable(one['loc'])}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()]


def unknown(environment: Mapping[str, str]) -> Iterator[str]:
    """What is said of variables that are called as ours and are none: a slip of the hand would leave the default in force.

    What is set to nothing is not set.
    """
    known = {name for field in Settings.model_fields for name in variables(field)} | {ALSO_OURS}
    ours = {name.removeprefix(ENV_PREFIX): name for name in known}
    for name, value in sorted(environment.items()):
        bare = name.upper().removeprefix(ENV_PREFIX)
        if value and name.upper().startswith(ENV_PREFIX) and name.upper() not in known:
            meant = [ours[one] for one in get_close_matches(bare, ours, n=1)]
            yield f"{name} is no setting, so it changes nothing; {f'is {meant[0]} meant?' if meant else 'is it misspelt?'}"


def _variable(location: Sequence[int | str]) -> str:
    """As it is named in the environment; pydantic names a field, an alias of it, or a place inside its value."""
    name, *inside = map(str, location or ["together"])
    return ".".join([f"{ENV_PREFIX}{name.upper()}" if name in Settings.model_fields else name, *inside])
