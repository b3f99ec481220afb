"""A `mongod` of one's own becomes a replica set of one, without which it knows no transactions."""

import asyncio

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure

from shared.mongo.collection import Document


async def initiate_replica_set(port: int, name: str = "rs0", *, force: bool = False) -> None:
    """Make a lone `mongod` on this loopback port a replica set of one, or move it to this port."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        f"mongodb://127.0.0.1:{port}/?directConnection=true", serverSelectionTimeoutMS=5000
    )
    host = f"127.0.0.1:{port}"
    try:
        try:
            config = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure:
            members = [{"_id": 0, "host": host}]
            await client.admin.command("replSetInitiate", {"_id": name, "members": members})
        else:
            if force or config["members"][0]["host"] != host:
                config["members"][0]["host"] = host
                config["version"] += 1
                await client.admin.command("replSetReconfig", config, force=True)
        while not (await client.admin.command("hello")).get("isWritablePrimary"):  # noqa: ASYNC110 only asking tells
            await asyncio.sleep(0.05)
    finally:
        client.close()
