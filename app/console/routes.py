"""What all routes of the console share: errors become pages, and a brand in the address is one that can be."""

import logging
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from app.console.forms import only_ours
from app.console.pages import Pages
from app.domain.brands import brand_of
from app.domain.errors import BadInput, ConstIntelError, MissingBrand, NotFound

log = logging.getLogger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
StatusOf = Callable[[ConstIntelError], int]


def _brand(brand: Annotated[str, Path()]) -> str:
    try:
        return brand_of(brand)
    except MissingBrand:
        raise NotFound(
            f"{brand[:80]!r} can be no brand: 1 to 63 of a-z 0-9 _ - that start with a letter or digit; choose one from the list"
        ) from None


Brand = Annotated[str, Depends(_brand)]


def page_route(pages: Pages, status_of: StatusOf) -> type[APIRoute]:
    """A route whose refusals are pages, and which changes nothing for pages of others."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def shown(request: Request) -> Response:
                try:
                    only_ours(request)
                    return await handle(request)
                except RequestValidationError as error:
                    said = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors()[:5])
                    refused: ConstIntelError = BadInput(f"{said}; mend the address, or begin again from the search")
                except ConstIntelError as error:
                    refused = error
                except Exception as error:
                    log.error("unexpected error at %s %s", request.method, request.scope["route"].path, exc_info=error)
                    refused = ConstIntelError("something went wrong on our side, and the error was logged; try again")
                request.state.refusal = refused.detail
                return pages.refusal(request, refused, status_of(refused))

            return shown

    return PageRoute
