"""A service that costs next to nothing: it answers what the gateway asks and one public path."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from aiohttp import web

from portal.ports import LOOPBACK

ACCOUNT = "c0ffee00c0ffee00c0ffee00c0ffee00"
ORG = "100001.rsp"
FLOODER, FLOODER_ACCOUNT = "100009.rsp", "f100df100df100df100df100df100d00"
_SESSION = f'{{"account_id":"{ACCOUNT}","org":"{ORG}","roles":["reseller-admin"]}}'
_FLOODERS = f'{{"account_id":"{FLOODER_ACCOUNT}","org":"{FLOODER}","roles":["reseller-admin"]}}'
_PLACE = f'{{"place":"-","relation":"assigned","reseller_id":"{ORG}","valid_until":null}}'
_TENANT = """\
{"id":"123456.sms","name":"Bäckerei Sonnenschein GmbH","reseller_id":"100001.rsp",\
"reseller_number":"4711","status":"active","locale":"de","licence_state":"active",\
"licence_ends_on":"2027-03-31","created_at":"2026-03-10T12:00:00Z"}"""


def main(port: int, public_keys: str) -> None:
    app = web.Application()
    answers = {
        "/healthz": "{}",
        "/readyz": "{}",
        "/.well-known/jwks.json": public_keys,
        f"/internal/sessions/{FLOODER}-{{id}}": _FLOODERS,
        "/internal/sessions/{id}": _SESSION,
        "/internal/places/{place}": _PLACE,
        "/v1/tenants/{tid}": _TENANT,
    }
    for path, body in answers.items():
        app.router.add_get(path, _always(body.encode()))
    uvloop.install()
    web.run_app(app, host=LOOPBACK, port=port, access_log=None, print=None)


def _always(body: bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_: web.Request) -> web.StreamResponse:
        headers = {"Cache-Control": "no-store", "ETag": '"1"'}
        return web.Response(body=body, content_type="application/json", headers=headers)

    return answer


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]).read_text())
