"""How the command line asks a running service over HTTP, and tells what became of that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from app.domain.errors import ConstIntelError
from app.domain.loopback import NO_PROXY

UrlOption = Callable[[Callable[..., Any]], Callable[..., Any]]  # --url, as commands of all rooms take it


@contextmanager
def calling(url: str, timeout_s: float | None, key: str | None) -> Iterator[httpx.Client]:
    """A client of the service at `url`, which is shown `key`. Raises ConstIntelError when that cannot be asked, or does not
    answer."""
    try:
        if not httpx.URL(url).host:
            raise httpx.InvalidURL("it names no host")
        shown = {"authorization": f"Bearer {key}"} if key else {}
        with httpx.Client(base_url=url, timeout=timeout_s, mounts=NO_PROXY, headers=shown) as http:
            yield http
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise ConstIntelError(f"{url} cannot be asked ({error}); name a service's URL, such as http://127.0.0.1:3000") from error
    except httpx.HTTPError as error:
        raise ConstIntelError(f"no service answers at {url} ({error}); start it with: make serve") from error


def of_brand(brand: str) -> dict[bytes, bytes]:
    """The header that names the brand. As bytes: whether a brand may be called so is the service's to say."""
    return {b"x-brand-id": brand.encode(errors="replace")}


def data_of(answer: httpx.Response) -> Any:
    """What the service answers with. Raises ConstIntelError with what it refuses, or when it is no ConstIntel."""
    try:
        said = answer.json()
        if answer.is_error:
            raise ConstIntelError(f"{answer.status_code} {said['detail']}")
        return said["data"]
    except (ValueError, LookupError, TypeError) as error:
        raise ConstIntelError(f"{answer.status_code}, and no answer of ConstIntel's: {answer.text[:500] or 'nothing'}") from error
