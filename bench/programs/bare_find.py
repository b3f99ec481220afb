"""The yardstick of entitlement checks: an aiohttp handler that reads one document by its key."""

import json
import sys
from collections.abc import AsyncIterator

import uvloop
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection

from portal.ports import LOOPBACK


def main(port: int, url: str, database: str) -> None:
    app = web.Application()
    licences: web.AppKey[AsyncIOMotorCollection[dict[str, object]]] = web.AppKey(
        "licences", AsyncIOMotorCollection
    )

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(url)
        app[licences] = client.get_database(database).get_collection("licences")
        yield
        client.close()

    async def find(request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        row = await app[licences].find_one({"key": asked["licence_key"]})
        if row is None:
            raise web.HTTPNotFound
        return web.json_response({"licence_id": row["_id"], "tenant_id": row["tenant_id"]})

    async def alive(_: web.Request) -> web.StreamResponse:
        return web.json_response({})

    app.cleanup_ctx.append(lifetime)
    app.router.add_post("/v1/entitlements/check", find)
    app.router.add_get("/healthz", alive)
    uvloop.install()
    web.run_app(app, host=LOOPBACK, port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
