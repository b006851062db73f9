"""Reading strangers' JSON: typed getters that say where they stand, and what every delivery needs of keys and text."""

import json
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from hashlib import sha256
from urllib.parse import parse_qsl

import orjson

from app.domain.errors import BadInput
from app.domain.normalise import whole_again
from app.sources.base import Delivery

JsonObject = dict[str, object]

MAX_QUANTITY = 1_000_000_000
MAX_REVISION = 1 << 62
MAX_FIELDS = 1_000  # of a form
MOST_LEVELS = 200  # of arrays and objects in what is stored
_AROUND = 254 - MOST_LEVELS  # orjson writes no more, and answers put some around what was stored
MOST_MENDED = 1 << 20  # bytes; Segment's libraries send batches of half of that at most
MAX_LABEL = 512  # characters of an id or a name: a person's profile remembers hundreds of them
_SHOPIFY_ID = re.compile(r"\Agid://shopify/[A-Za-z]+/(?=\d+\Z)", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_KINDS = {
    dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "a number", float: "a number",
    type(None): "null",
}  # fmt: skip


def load_json(body: bytes) -> object:
    """Any JSON value, its text without lone surrogates.

    Raises BadInput on malformed JSON, nesting past 1,024 levels, text that is no UTF-8 or holds a lone surrogate, and
    numbers beyond a double: orjson refuses them all.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the body is not valid JSON: {error}") from error


def load_mended(body: bytes) -> object:
    """Any JSON value, as libraries write it too: half a character, where a text was cut, is read as `?`, NaN as null.

    For senders who give up all that they send at once when it is refused. Raises BadInput as `load_json` for anything else, and
    for what is too long to be mended while everybody waits.
    """
    try:
        return load_json(body)
    except BadInput:
        if len(body) > MOST_MENDED:
            raise
        try:
            read = json.loads(body.decode(errors="surrogatepass"), parse_constant=lambda _: None)
            return orjson.loads(json.dumps(read, ensure_ascii=False).encode(errors="replace"))
        except (ValueError, RecursionError):
            pass
        raise


def load_object(body: bytes, load: Callable[[bytes], object] = load_json) -> JsonObject:
    """The JSON object that a body is. Raises BadInput as `load`, and when it is another kind of value."""
    value = load(body)
    if not isinstance(value, dict):
        raise BadInput(f"the body must be a JSON object, not {kind(value)}")
    return value


def is_list(body: bytes) -> bool:
    """Whether a body is written as a JSON array."""
    return body.lstrip()[:1] == b"["


def load_list(body: bytes) -> list[object]:
    """The JSON array that a body is. Raises BadInput as `load_json`, and when it is another kind of value."""
    value = load_json(body)
    if not isinstance(value, list):
        raise BadInput(f"the body must be a JSON array, not {kind(value)}")
    return value


def dump(value: object) -> str:
    """Compact JSON text. Raises BadInput on nesting past MOST_LEVELS."""
    return _written(value, 0).decode()


def canonical(value: object) -> bytes:
    """JSON with sorted keys: what an element of a list hashes as. Raises BadInput as `dump`."""
    return _written(value, orjson.OPT_SORT_KEYS)


def _written(value: object, option: int) -> bytes:
    for _ in range(_AROUND):
        value = [value]
    try:
        return orjson.dumps(value, option=option)[_AROUND:-_AROUND]
    except orjson.JSONEncodeError as error:
        raise BadInput(f"the content has more than {MOST_LEVELS} levels; nest it less deeply") from error


def body_text(body: bytes) -> str:
    """The raw body as text, for the event's record. Raises BadInput when it is not UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"the body is not UTF-8 text: {error.reason} at byte {error.start}") from error


def kind(value: object) -> str:
    """What JSON calls this value."""
    return _KINDS.get(type(value), type(value).__name__)


def shown(value: object) -> str:
    """A number as it came, cut where it is long; of anything else, its kind."""
    return str(value)[:24] if isinstance(value, int | float) and not isinstance(value, bool) else kind(value)


def text(data: Mapping[str, object], name: str, where: str = "") -> str | None:
    """The trimmed string (or whole number, as text) under `name`; None when missing, null or blank.

    Raises BadInput for another kind of value, fractions included: an id beyond 64 bits arrives as one and is damaged.
    """
    value = whole_again(data.get(name))
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadInput(f"{where}{name} must be a string, not {kind(value)}")


def first_text(data: Mapping[str, object], *names: str, where: str = "") -> str | None:
    """The first of these fields that holds something."""
    for name in names:
        found = text(data, name, where)
        if found is not None:
            return found
    return None


def label(data: Mapping[str, object], *names: str, where: str = "") -> str | None:
    """The first of these fields that holds something, which is an id or a name; of Shopify's GraphQL ids their number.

    Raises BadInput when it is too long for one.
    """
    for name in names:
        found = text(data, name, where)
        if found is not None and len(found) > MAX_LABEL:
            raise BadInput(f"{where}{name} is longer than {MAX_LABEL} characters; send an id or a name, and long texts beside it")
        if found is not None:
            return _SHOPIFY_ID.sub("", found)
    return None


def says_nothing(value: object) -> bool:
    """Whether a value is null or blank text."""
    return value is None or (isinstance(value, str) and not value.strip())


def first_given(data: Mapping[str, object], *names: str) -> tuple[str, object]:
    """Name and value of the first of these fields that is not null or blank; the last name and None when none is."""
    for name in names:
        if not says_nothing(value := data.get(name)):
            return name, value
    return names[-1], None


def or_0(data: Mapping[str, object], name: str) -> object:
    """The number under `name` as it came; 0 when it is null or blank."""
    _, value = first_given(data, name)
    return 0 if value is None else value


def laid_over(top: Mapping[str, object], under: Mapping[str, object]) -> JsonObject:
    """The fields of both. Where both have one, the top one's counts, unless it says nothing."""
    return {**under, **{name: value for name, value in top.items() if name not in under or not says_nothing(value)}}


def obj(data: Mapping[str, object], name: str, where: str = "") -> JsonObject:
    """The object under `name`; an empty one when missing or null. Raises BadInput for another kind of value."""
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput(f"{where}{name} must be an object, not {kind(value)}")
    return value


def hint(data: Mapping[str, object], name: str) -> JsonObject:
    """The object under `name`; an empty one for any other shape, which is no reason to refuse (PHP writes `{}` as a list)."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def objects(data: Mapping[str, object], name: str, where: str = "") -> list[JsonObject]:
    """The objects of the array under `name`; none when missing or null. Raises BadInput for another kind of value."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadInput(f"{where}{name} must be an array, not {kind(value)}")
    for place, element in enumerate(value):
        if not isinstance(element, dict):
            raise BadInput(f"{where}{name}[{place}] must be an object, not {kind(element)}")
    return value


def whole(data: Mapping[str, object], name: str, default: int, where: str = "") -> int:
    """The whole number under `name`, at most a billion either way; a part unit (0.35 kg) counts as a whole one."""
    _, value = first_given(data, name)
    if value is None:
        return default
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MAX_QUANTITY <= value <= MAX_QUANTITY:
        raise BadInput(f"{where}{name} must be a number of at most {MAX_QUANTITY:,}, not {shown(value)}")
    return -int(-value // 1)


def revision(data: Mapping[str, object], name: str = "version") -> int:
    """A sender's own count of how often a thing has changed; 0 for whatever is no such number."""
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_REVISION else 0


def flag(data: Mapping[str, object], name: str) -> bool:
    """The boolean under `name`, as text or not; False when missing, null or blank. Raises BadInput for anything else."""
    _, value = first_given(data, name)
    known = {"true": True, "false": False}
    found = known.get(str(value).lower()) if isinstance(value, str | bool) else None
    if found is None and value is not None:
        raise BadInput(f"{name} must be true or false, not {str(value)[:40]!r}")
    return bool(found)


def form_pairs(raw: str) -> list[tuple[str, str]]:
    """A form's fields in their order, blank and repeated ones kept. Raises BadInput when it is no UTF-8 form."""
    try:
        return parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BadInput(f"the body is not a form in UTF-8 of at most {MAX_FIELDS} fields: {error}") from error


def form(raw: str) -> JsonObject:
    """A form's fields, the first of a repeated one. Raises BadInput as `form_pairs`."""
    return dict(reversed(form_pairs(raw)))


def is_json(body: bytes) -> bool:
    """Whether a body is written as JSON, whatever its content type says: curl calls everything a form."""
    return body.lstrip()[:1] in (b"{", b"[")


def header(delivery: Delivery, name: str) -> str | None:
    """A header's trimmed value, None when it is missing or blank."""
    value = delivery.headers.get(name)
    return value.strip() or None if value is not None else None


def body_key(body: bytes) -> str:
    """The idempotency key of a delivery that brings none: the same bytes are the same delivery."""
    return f"sha256:{sha256(body).hexdigest()}"


def without(data: Mapping[str, object], names: AbstractSet[str]) -> JsonObject:
    """A copy that leaves these fields out."""
    return {name: value for name, value in data.items() if name not in names}
