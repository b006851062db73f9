"""Keeps pages of the web out of a service that asks nobody for a key, but for what any page may send.

A browser on this machine, or on one that reaches it, is led here in two ways. A page sends a form or text to any address without
being asked whether it may: then the browser says `Origin`. Or a name is made to stand for 127.0.0.1 once its page is there (DNS
rebinding): to the browser page and service are of one origin then, and the page may read all; `Host` is the name it asked for.
Who sends deliveries is no browser and says no `Origin`: it may come by any name, so tunnels need no setting.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from app.domain import any_page, loopback
from app.domain.errors import ForeignPage

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Any, Any], Awaitable[None]]

EVERY = "*"
# Nobody can have such a name on the web: they are reserved for this machine and for networks of one's own.
OWN_ENDINGS = (".localhost", ".local", ".internal", ".test")
NAMES_NOBODY = frozenset({"/healthz", "/readyz", "/metrics"})
SAFE = frozenset({"GET", "HEAD"})
MOST_SHOWN = 100


class OwnNames:
    """ASGI middleware. `allowed` are names of hosts beside those that can only be ours; `refused` makes an app of an error."""

    def __init__(self, app: App, allowed: Collection[str], refused: Callable[[ForeignPage], App]) -> None:
        self._app = app
        self._allowed = frozenset(allowed) - {""}
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and (why := self._why_not(scope)) is not None:
            scope.setdefault("state", {})["refusal"] = why
            await self._refused(ForeignPage(why))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _why_not(self, scope: Scope) -> str | None:
        said = {name: value for name, value in scope["headers"] if name in (b"host", b"origin")}
        safe, path = scope["method"] in SAFE, scope["path"]
        if _is_for_any_page(scope):
            return None
        console = path.startswith("/console")  # whose forms look at their own origin, and answer with a page
        if not safe and not console and b"origin" not in said:
            return None
        host = name_of(f"//{said.get(b'host', b'').decode('latin-1')}")
        if b"host" in said and path not in NAMES_NOBODY and not is_ours(host, self._allowed):
            return (
                f"this service does not answer as {host[:MOST_SHOWN]!r}, since a page of the web could have led a browser here "
                "by that name; if people reach it so, put the name into CONSTINTEL_ALLOWED_HOSTS"
            )
        origin = said.get(b"origin", b"").decode("latin-1")
        if safe or console or self._sends_here(name_of(origin), host):
            return None
        return (
            f"nothing was stored or changed: a page of {origin[:MOST_SHOWN]!r} sent this; if its pages may, put the name of its "
            "host into CONSTINTEL_ALLOWED_HOSTS"
        )

    def _sends_here(self, name: str, host: str) -> bool:
        return name != "" and (name == host or name in loopback.HOSTS or name in self._allowed or EVERY in self._allowed)


class AnyPage:
    """ASGI middleware around all others: whoever answers what any page may send, its script may read it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._said = [(name.encode(), value.encode()) for name, value in any_page.SAID.items()]

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        await self._app(scope, receive, self._open(send) if _is_for_any_page(scope) else send)

    def _open(self, send: Send) -> Send:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._said]}
            await send(message)

        return sent


def _is_for_any_page(scope: Scope) -> bool:
    return scope["type"] == "http" and str(scope["path"]).startswith(any_page.UNDER)


def is_ours(name: str, allowed: Collection[str]) -> bool:
    """Whether a host's name can only be ours, or was said to be: an address, or a name that nobody on the web can have."""
    if name in allowed or EVERY in allowed:
        return True
    return name != "" and ("." not in name or name.endswith(OWN_ENDINGS) or _is_address(name))


def name_of(url: str) -> str:
    """The host of a URL in small letters, without its port; '' when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
