"""What forms send. The service has no login of its own, so that nobody else's page may send one."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request

from app.access.asking import name_of_key
from app.console.pages import SAFE
from app.domain.bodies import whole
from app.domain.errors import BadInput, ForeignForm
from app.graph.deciding import Decider, Decision

LARGEST = 64 * 1024  # bytes
SECRETS = {"key", "secret"}  # fields
LONGEST_NAME = 80  # of who decides
MOST_FIELDS = 1_100  # a thousand profiles, and what is said of them


def only_ours(request: Request) -> None:
    """Lets a request that changes something through when a page of this very host sent it: browsers say so, and scripts use
    the API. Raises ForeignForm."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    host = request.headers.get("host")
    ours = site == "same-origin" if site is not None else bool(host) and origin is not None and origin.partition("://")[2] == host
    if not ours:
        raise ForeignForm("nothing was changed: only pages of the console may send this. Open the console and decide there")


class Form:
    """The fields of a form, as text."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields

    def text(self, name: str, most: int = 2_000) -> str:
        """'' when it was not sent. Raises BadInput when it is longer than that."""
        value = self._fields.get(name, ("",))[0].strip()
        if len(value) > most:
            raise BadInput(f"{name}: {len(value)} characters are more than {most}; say it shorter")
        return value

    def number(self, name: str) -> int:
        value = self.text(name, 20)
        if not (value.isascii() and value.isdigit()):
            raise BadInput(f"{name}: {value!r} is no number; open the page again and send its form")
        return int(value)

    def all(self, name: str) -> list[str]:
        return list(self._fields.get(name, ()))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Each value with its name, as they were sent; none of a form with a secret, which no page may show."""
        if self._fields.keys() & SECRETS:
            return []
        return [(name, value) for name, values in self._fields.items() for value in values]


def decision_of(decided_by: Decider, brand: str, form: Form) -> Decision:
    """The decision that a form makes: every one has a note and a name."""
    return decided_by(brand, form.text("note"), _by(form.text("decided_by", LONGEST_NAME)))


def _by(typed: str) -> str | None:
    """A name that somebody typed, and the key that they signed in with: nobody signs as another."""
    key = name_of_key()
    return f"{typed} ({key})" if typed and key else typed or None


async def read_form(request: Request) -> Form:
    """Raises BadInput for a body that no form of ours makes, TooLarge."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise BadInput("the body must be application/x-www-form-urlencoded, as a form sends it; the API takes JSON")
    form = form_of(await whole(request.stream(), request.headers, LARGEST))
    request.state.sent = form.fields  # a refusal gives them back
    return form


def form_of(body: bytes) -> Form:
    """Raises BadInput for what no form of ours says."""
    try:
        return Form(parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise BadInput(f"the body is no form: {error}; open the page again and send its form") from None


Sent = Annotated[Form, Depends(read_form)]
