"""Stands before every route: whoever is to bring a key and does not is sent away before anything of the call is read."""

import re
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, NamedTuple

from app.access.asking import asking
from app.access.sessions import COOKIE, Sessions
from app.domain.access import HOW_TO_MAKE_ONE, KEY_WANTED, OF_THE_CONSOLE, ApiKey, Need, check_may
from app.domain.brands import brand_of
from app.domain.errors import ConstIntelError, KeyWanted, MissingBrand, Unavailable
from app.graph.api_keys import ApiKeys

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]
Mode = Literal["auto", "open", "keys"]

SECRET = re.compile(r"ci_[A-Za-z0-9_-]{43}")


class Asks(NamedTuple):
    """A route, as the doorman knows it: its template, what takes an address for it, its methods, and what it asks of callers."""

    path: str
    pattern: re.Pattern[str]
    methods: Collection[str]
    need: Need


NO_ROUTE = Asks("unmatched", re.compile(""), (), Need.KEY)


class Access:
    """Whether the service asks for keys. `is_loopback`: it can be reached from its own machine alone."""

    def __init__(self, keys: ApiKeys, mode: Mode, is_loopback: bool) -> None:
        self._keys = keys
        self._mode = mode
        self._is_loopback = is_loopback

    async def is_closed(self) -> bool:
        """As of a moment ago. Raises Unavailable."""
        if self._mode == "open":
            return False
        return self._mode == "keys" or not self._is_loopback or await self._keys.any_issued()


class Doorman:
    """ASGI middleware. Routes find in their state: `stands`, which tells whether whoever is still being answered still may be;
    `waited_s`, how long the caller has waited here; and where keys are asked for `caller`, the one that was shown, or `keyless`,
    that none was, and the sender's signature must stand for one.

    `asks` are all routes in their order; what none of them takes is told to those with a key alone. `refused` makes an app of an
    error, and `turned_away` the page that the console has for it.
    """

    def __init__(
        self,
        app: App,
        access: Access,
        keys: ApiKeys,
        sessions: Sessions,
        asks: Sequence[Asks],
        refused: Callable[[ConstIntelError], App],
        turned_away: Callable[[ConstIntelError], App],
    ) -> None:
        self._app, self._access, self._keys, self._sessions = app, access, keys, sessions
        self._asks = tuple(asks)
        self._refused, self._turned_away = refused, turned_away

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        asking.set(None)
        if scope["type"] == "http" and (no := await self._why_not(scope)) is not None:
            answer, error = no
            scope.setdefault("state", {})["refusal"] = error.detail
            await answer(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _why_not(self, scope: Scope) -> tuple[Callable[[ConstIntelError], App], ConstIntelError] | None:
        """The error that a call is answered with instead, and how."""
        trouble, state, began = None, scope.setdefault("state", {}), time.monotonic()
        if len(brands := {*_said(scope, b"x-brand-id")}) > 1:
            named = ", ".join(repr(one[:80]) for one in sorted(brands)[:3])
            return self._refused, MissingBrand(f"the call has several x-brand-id headers ({named}); send one")
        try:
            is_closed = await self._access.is_closed()
        except Unavailable as error:
            trouble, is_closed = error, True
        state["waited_s"] = time.monotonic() - began
        if not is_closed:
            state["stands"] = self._is_open
            return None
        route, brand = self._asked(scope)
        need = route.need
        if need is Need.NOTHING:
            return None
        try:
            if trouble is not None:
                raise trouble
            await self._admit(scope, state, need, brand)
            state["waited_s"] = time.monotonic() - began
        except ConstIntelError as error:
            scope["route"] = route  # for the log, and what is counted
            return (self._turned_away if need in OF_THE_CONSOLE else self._refused), error
        return None

    def _asked(self, scope: Scope) -> tuple[Asks, str | None]:
        """The route that will take the call, and the brand that stands in its path."""
        path, method = scope["path"], scope["method"]
        for route in self._asks:
            if method in route.methods and (found := route.pattern.match(path)) is not None:
                return route, found.groupdict().get("brand")
        return NO_ROUTE, None

    async def _admit(self, scope: Scope, state: Scope, need: Need, in_path: str | None) -> None:
        """Raises KeyWanted, Forbidden, MissingBrand, Unavailable."""
        now = datetime.now(UTC)
        if need in OF_THE_CONSOLE:
            caller = await self._signed_in(scope, now)
            brands = [in_path] if in_path else []
        else:
            said = _said(scope, b"authorization")
            if need is Need.SIGNATURE and not any(map(_bearer, said)):
                state["keyless"] = True
                return
            caller = await self._of_key(said)
            brands = [brand_of(one) for one in (in_path, *_said(scope, b"x-brand-id")) if one]
        asking.set(caller)
        check_may(caller, need, brands)
        await self._keys.use(caller, now)
        state["caller"] = caller
        state["stands"] = partial(self._stands, caller)

    async def _of_key(self, said: Sequence[str]) -> ApiKey:
        """Raises KeyWanted."""
        if len(said) > 1:
            raise KeyWanted("the call has several Authorization headers; send one, Bearer and the key")
        secret = _bearer(said[0]) if said else None
        if secret is None:
            raise KeyWanted(KEY_WANTED)
        key = await self._keys.of_secret(secret) if SECRET.fullmatch(secret) else None
        if key is None:
            raise KeyWanted(f"this is no key of this service; send one that is. To get one: {HOW_TO_MAKE_ONE}")
        if not key.stands:
            raise KeyWanted(f"the key {key.name!r} was revoked at {key.revoked_at:%Y-%m-%d %H:%M} UTC; ask an admin for another")
        return key

    async def _signed_in(self, scope: Scope, now: datetime) -> ApiKey:
        """Raises KeyWanted."""
        cookie = _cookie(scope)
        key = await self._sessions.caller(cookie, now) if cookie else None
        if key is None:
            raise KeyWanted("sign in with a key of role admin or analyst first; a session ends after 12 hours, or with its key")
        return key

    async def _is_open(self) -> bool:
        return not await self._access.is_closed()

    async def _stands(self, caller: ApiKey) -> bool:
        key = await self._keys.of_id(caller.brand_id, caller.key_id)
        return key is not None and key.stands


def _said(scope: Scope, header: bytes) -> list[str]:
    return [value.decode("latin-1").strip(" \t") for name, value in scope["headers"] if name == header]


def _cookie(scope: Scope) -> str | None:
    """The session's. Not by `SimpleCookie`, which gives all up for one that it cannot read: another program's, of this host."""
    for header in _said(scope, b"cookie"):
        for one in header.split(";"):
            name, _, value = one.strip().partition("=")
            if name == COOKIE:
                return value
    return None


def _bearer(said: str) -> str | None:
    """The key in an Authorization header; None in one that holds something else."""
    scheme, _, rest = said.partition(" ")
    return rest.strip(" ") if scheme.lower() == "bearer" else None
