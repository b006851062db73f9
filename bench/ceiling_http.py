"""The HTTP ceiling: the same server and framework, a handler that reads the body and stores nothing."""

from fastapi import FastAPI, Request, Response

ANSWER = b'{"data":{"events":[{"event_id":"-"}]}}'


def create_app() -> FastAPI:
    app = FastAPI()

    @app.post("/api/integrations/shopify/webhook", response_model=None)
    async def webhook(request: Request) -> Response:
        await request.body()
        return Response(ANSWER, media_type="application/json")

    @app.get("/healthz", response_model=None)
    async def healthz() -> Response:
        return Response(b"{}", media_type="application/json")

    return app
