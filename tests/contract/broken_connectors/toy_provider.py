"""A small provider that is well: it tells its product to all, and the rest to who has the token."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

__all__ = ["toy_provider"]

_PAGE = 3
_THINGS = 7


def toy_provider(secret: Mapping[str, str]) -> web.Application:
    hooks: list[dict[str, object]] = []
    token = secret["token"]

    @web.middleware
    async def known_only(request: web.Request, handler):
        if request.path != "/api/about" and request.headers.get("Authorization") != f"Bearer {token}":
            return web.json_response({"message": "who are you?"}, status=401)
        return await handler(request)

    async def about(_request: web.Request) -> web.Response:
        return web.json_response({"product": "toy", "version": "1.2"})

    async def me(_request: web.Request) -> web.Response:
        return web.json_response({"login": "kit", "days_left": 90})

    async def things(request: web.Request) -> web.Response:
        after = int(request.query.get("after", "0"))
        found = [{"id": n, "name": f"thing {n}"} for n in range(after + 1, min(after + _PAGE, _THINGS) + 1)]
        more = after + _PAGE < _THINGS
        links = {"Link": f'<{request.url.origin()}/api/things?after={after + _PAGE}>; rel="next"'} if more else {}
        return web.json_response({"things": found, "total": _THINGS}, headers=links)

    async def list_hooks(_request: web.Request) -> web.Response:
        return web.json_response({"hooks": hooks})

    async def create_hook(request: web.Request) -> web.Response:
        wanted = json.loads(await request.read())
        hooks.append({"id": len(hooks) + 1, "url": wanted["url"]})
        return web.json_response(hooks[-1], status=201)

    application = web.Application(middlewares=[known_only])
    application.router.add_get("/api/about", about)
    application.router.add_get("/api/me", me)
    application.router.add_get("/api/things", things)
    application.router.add_get("/api/hooks", list_hooks)
    application.router.add_post("/api/hooks", create_hook)
    return application
