"""Message templates: Jinja2 in its sandbox, narrowed to what a message needs.

A template can say names, choose (`if`), list (`for`, not nested), compare, and use a few filters. It cannot call, assign,
calculate, put texts together but by writing them side by side, or reach attributes of objects; a name that is missing is empty
(a first name: "there"). So what it holds at any moment is bounded: each value by `MAX_VALUE`, a list by `MAX_LISTED`, the text
by what the channel takes. Nothing is worked out when it is compiled.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

MAX_TEMPLATE = 4_000  # characters
MAX_TEXT = 1_600  # of a message to a phone: Twilio takes no more
MAX_MAIL = 100_000
MAX_SUBJECT = 200
MAX_VALUE = 4_000  # characters of one value, before and after each filter
MAX_BETWEEN = 20  # of what stands between the entries of a list
MAX_LISTED = 50  # of a list that a template walks along
MAX_PARTS = 100_000  # of one text
DEFAULTS = {"first_name": "there"}

Names = Mapping[str, object]

_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.If, nodes.For, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Getitem, nodes.Getattr, nodes.Test, nodes.Neg,
    nodes.Tuple, nodes.List,
)  # fmt: skip
_TESTS = frozenset({"defined", "undefined", "none", "string", "number", "eq", "ne", "lt", "gt", "le", "ge", "in"})
_BOUNDED = "the first entries"  # the filter of our own around what a loop walks along; no template can write its name


class InvalidTemplate(ValueError):
    """A template that cannot be used; the message says why."""


class _Missing(Undefined):
    """A name that is not there: empty text, false, and whatever is asked of it is missing as well."""

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return self

    def _itself(self, *_: object) -> "_Missing":
        return self

    __getitem__ = __neg__ = _itself  # type: ignore[assignment]

    def _never(self, _: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never  # type: ignore[assignment]


class _Environment(SandboxedEnvironment):
    """Attributes are entries of maps, and nothing else."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._entry(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._entry(obj, argument)

    def _entry(self, obj: Any, name: Any) -> Any:
        if isinstance(obj, dict) and isinstance(name, str) and name in obj:
            return obj[name]
        if isinstance(obj, list | tuple) and isinstance(name, int) and -len(obj) <= name < len(obj):
            return obj[name]
        return self.undefined(name=str(name))


def _text(value: object) -> str:
    """What is shown of a value: the beginning of a text or of a list of such, a number, nothing of anything else."""
    if isinstance(value, str):
        return value[:MAX_VALUE]
    if isinstance(value, list | tuple):
        return _join(value)
    return str(value)[:MAX_VALUE] if isinstance(value, bool | int | float) else ""


def _bounded(change: Callable[[str], str]) -> Callable[[object], str]:
    """A change of a text as a filter: some letters become two or three."""
    return lambda value: change(_text(value))[:MAX_VALUE]


def _whole(value: object, digits: int = 0) -> object:
    try:
        number = float(_text(value))
        return f"{number:.{min(max(int(digits), 0), 6)}f}"
    except ValueError:
        return _text(value)


def _default(value: object, other: object = "", *_: object) -> object:
    return other if _text(value) == "" else value


def _join(values: object, between: str = ", ") -> str:
    if not isinstance(values, list | tuple):
        return _text(values)
    said = (_text(value) for value in values[:MAX_LISTED] if not isinstance(value, list | tuple))
    return _text(between)[:MAX_BETWEEN].join(said)[:MAX_VALUE]


def _end(values: object, place: int) -> object:
    return values[place] if isinstance(values, list | tuple) and values else ""


_FILTERS: dict[str, Callable[..., object]] = {
    "default": _default,
    "d": _default,
    "upper": _bounded(str.upper),
    "lower": _bounded(str.lower),
    "title": _bounded(str.title),
    "capitalize": _bounded(str.capitalize),
    "trim": _bounded(str.strip),
    "truncate": lambda value, length=80: _text(value)[: max(int(length), 0)],
    "round": _whole,
    "join": _join,
    "first": lambda values: _end(values, 0),
    "last": lambda values: _end(values, -1),
    "length": lambda value: len(value) if isinstance(value, str | list | tuple) else 0,
}


@pass_context  # so that nothing can be known of it when a template is compiled
def _shown(_: Context, value: object) -> str:
    return _text(value)


def _environment() -> _Environment:
    made = _Environment(undefined=_Missing, autoescape=False, finalize=_shown, optimized=False)
    made.globals.clear()
    made.filters.clear()
    made.filters.update({**_FILTERS, _BOUNDED: lambda values: values[:MAX_LISTED] if isinstance(values, list | tuple) else ()})
    made.tests = {name: test for name, test in made.tests.items() if name in _TESTS}
    return made


_ENVIRONMENT = _environment()


def check_template(source: str) -> str:
    """The template itself, when it can be used. Raises InvalidTemplate saying what is wrong and where."""
    _compiled(source)
    return source


def render(source: str, names: Names, most: int) -> str:
    """The text that a template gives for these names, at most so many characters. Raises nothing for a checked template:
    what cannot be worked out with these values (text after a minus) ends the text where it stands."""
    given = {**DEFAULTS, **{name: value for name, value in names.items() if value not in (None, "")}}
    parts: list[str] = []
    size = 0
    for part in _parts(_compiled(source), given):
        parts.append(part[: most - size])
        size += len(parts[-1])
        if size >= most:
            break
    return "".join(parts)


def one_line(text: str) -> str:
    """Text as a header may hold it: on one line, without control characters."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _parts(template: Template, names: dict[str, object]) -> Iterator[str]:
    try:
        yield from islice(template.generate(names), MAX_PARTS)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError):
        return


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    """Raises InvalidTemplate. Looked at before it is compiled, and whoever stored it."""
    if len(source) > MAX_TEMPLATE:
        raise InvalidTemplate(f"a template has at most {MAX_TEMPLATE:,} characters, this one {len(source):,}")
    try:
        tree = _ENVIRONMENT.parse(source)
        _check(tree, within_a_loop=False)
        return _ENVIRONMENT.from_string(tree)
    except TemplateSyntaxError as error:
        raise InvalidTemplate(f"line {error.lineno}: {error.message}") from error
    except InvalidTemplate:
        raise
    except (TemplateError, RecursionError, MemoryError, SyntaxError, ValueError) as error:
        raise InvalidTemplate(f"it cannot be compiled: {error}") from error


def _check(node: nodes.Node, within_a_loop: bool) -> None:
    """Refuses what is not for messages, and bounds what loops walk along."""
    if not isinstance(node, _NODES):
        raise InvalidTemplate(
            f"line {node.lineno}: {type(node).__name__.lower()} is not for messages; say names, if, for and filters"
        )
    if isinstance(node, nodes.For):
        if within_a_loop or node.recursive:
            raise InvalidTemplate(f"line {node.lineno}: a loop within a loop is not for messages")
        within_a_loop = True
    if isinstance(node, nodes.Name | nodes.Getattr):
        name = node.name if isinstance(node, nodes.Name) else node.attr
        if name.startswith("_"):
            raise InvalidTemplate(f"line {node.lineno}: no name begins with an underscore")
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        raise InvalidTemplate(f"line {node.lineno}: there is no filter {node.name}; there are {', '.join(sorted(_FILTERS))}")
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        raise InvalidTemplate(f"line {node.lineno}: there is no test {node.name}; there are {', '.join(sorted(_TESTS))}")
    for child in node.iter_child_nodes():
        _check(child, within_a_loop)
    if isinstance(node, nodes.For):
        node.iter = nodes.Filter(node.iter, _BOUNDED, [], [], None, None, lineno=node.lineno)
