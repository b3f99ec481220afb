"""The rival of our sign-ins: fastapi-users on MongoDB, set up as its documentation says.

It runs in a virtual environment of its own (requirements/rivals.txt) and hashes as auth does.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from beanie import Document, PydanticObjectId, init_beanie
from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.password import PasswordHelper
from fastapi_users_db_beanie import BeanieBaseUser, BeanieUserDatabase, ObjectIDIDMixin
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pymongo import AsyncMongoClient

SECRET = "of a benchmark, and as long as it should be"  # noqa: S105 it guards nothing


class User(BeanieBaseUser, Document):
    """As the documentation has it."""


class UserManager(ObjectIDIDMixin, BaseUserManager[User, PydanticObjectId]):
    """As the documentation has it."""


async def users() -> AsyncIterator[BeanieUserDatabase]:
    yield BeanieUserDatabase(User)


async def manager(store: BeanieUserDatabase = Depends(users)) -> AsyncIterator[UserManager]:  # noqa: B008 FastAPI's way
    yield UserManager(store, PasswordHelper(PasswordHash((Argon2Hasher(**_parameters()),))))


def strategy() -> JWTStrategy[User, PydanticObjectId]:
    return JWTStrategy(secret=SECRET, lifetime_seconds=3600)


def _parameters() -> dict[str, int]:
    memory, passes = map(int, os.environ["RIVAL_ARGON2"].split(":"))
    return {"memory_cost": memory, "time_cost": passes, "parallelism": 1}


@asynccontextmanager
async def lifetime(_: FastAPI) -> AsyncIterator[None]:
    client: AsyncMongoClient = AsyncMongoClient(os.environ["RIVAL_MONGO_URL"])
    await init_beanie(client[os.environ["RIVAL_DATABASE"]], document_models=[User])
    yield
    await client.close()


backend = AuthenticationBackend(
    name="jwt", transport=BearerTransport(tokenUrl="auth/login"), get_strategy=strategy
)
rival = FastAPIUsers[User, PydanticObjectId](manager, [backend])
app = FastAPI(lifespan=lifetime)
app.include_router(rival.get_auth_router(backend), prefix="/auth")
app.include_router(
    rival.get_register_router(schemas.BaseUser[PydanticObjectId], schemas.BaseUserCreate),
    prefix="/auth",
)
app.include_router(
    rival.get_users_router(schemas.BaseUser[PydanticObjectId], schemas.BaseUserUpdate),
    prefix="/users",
)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "alive"}


if __name__ == "__main__":
    uvicorn.run(
        "bench.programs.rival:app",
        host="127.0.0.1",
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        loop="uvloop",
        access_log=False,
        log_level="warning",
    )
