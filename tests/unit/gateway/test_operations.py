"""Which operation a request names."""

import pytest

from services.gateway.domain.operations import MalformedPathError, MethodError, Table
from shared.errors import NotFoundError
from shared.routing import PATH_PATTERNS


def _told(permission: str | None = None) -> dict[str, str | None]:
    access = "permission" if permission else "signed-in"
    return {"x-service": "tenancy", "x-access": access, "x-permission": permission}


TABLE = Table(
    {
        "paths": {
            "/v1/me": {"get": _told(), "patch": _told()},
            "/v1/tenants/{tid}": {"get": _told("tenant:read")},
            "/v1/resellers/{rid}/orders/{id}": {"get": _told("licence:read")},
            "/v1/me/sessions/{id}": {"delete": _told()},
            "/v1/vendor/api-keys": {"get": _told("user:manage")},
            "/v1/vendor/api-keys/{id}": {"delete": _told("user:manage")},
        }
    },
    PATH_PATTERNS,
)


@pytest.mark.parametrize(
    ("method", "path", "place"),
    [
        ("GET", "/v1/me", None),
        ("GET", "/v1/tenants/123456.sms", "123456.sms"),
        ("GET", "/v1/resellers/100001.rsp/orders/o-1", "100001.rsp"),
        ("DELETE", "/v1/me/sessions/s-1", None),
        ("GET", "/v1/vendor/api-keys", "vendor"),
        ("DELETE", "/v1/vendor/api-keys/k-1", "vendor"),
    ],
)
def test_a_path_names_its_operation_and_its_place(
    method: str, path: str, place: str | None
) -> None:
    operation, found = TABLE.find(method, path)

    assert operation.method == method
    assert found == place


@pytest.mark.parametrize(
    "path",
    [
        "/v1/tenants/123456.sms%2Fusers",
        "/v1/tenants/123456.sms%2f..%2f200001.sms",
        "/v1/tenants/%2e%2e/me",
        "/v1/tenants/123456.sms%00",
        "/v1/%6de",
        "//v1/me",
        "/v1//me",
        "/v1/../v1/me",
        "/v1/./me",
        "/v1/me/.",
        "/v1/me/..",
        "/v1/tenants\\123456.sms",
        "/v1/tenants/123456.sms;a=b",
        "/v1/me/",
        "/v1/me#top",
        "/v1/me\n",
        "/v1/tenants/123456.sms\n",
        "/v1/ténants/123456.sms",
        "v1/me",
        "http://evil.test/v1/me",
        "*",
        "",
    ],
)
def test_a_path_that_is_not_in_its_one_form_is_malformed(path: str) -> None:
    with pytest.raises(MalformedPathError):
        TABLE.find("GET", path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/tenants/123456.rsp",
        "/v1/tenants/12345.sms",
        "/v1/tenants/vendor",
        "/v1/tenants/123456.SMS",
        "/v1/resellers/123456.sms/orders/o-1",
        "/v1/me/sessions/" + "s" * 65,
        "/v1/" + "a" * 5000,
        "/internal/sessions/s-1",
        "/V1/me",
        "/healthz",
    ],
)
def test_a_path_that_names_nothing_is_not_found(path: str) -> None:
    with pytest.raises(NotFoundError):
        TABLE.find("GET", path)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "get", "BREW"])
def test_a_method_that_a_path_does_not_know_is_told_the_ones_it_does(method: str) -> None:
    with pytest.raises(MethodError) as refusal:
        TABLE.find(method, "/v1/me")

    assert refusal.value.allowed == ["GET", "PATCH"]
