"""What docker-compose.yml tells the containers agrees with their settings and with each other."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from portal.demo.seed import LicensingSeedSettings, TenancySeedSettings
from portal.keyring import make_keys
from shared.settings import ServiceSettings, read_settings
from tests.architecture.compose_file import (
    compose,
    containers,
    health_command,
    networks,
    published,
    volumes,
)
from tools.docs import SETTINGS, variables

ALL: Final = containers()
SEEDED: Final = ["auth", "tenancy", "licensing"]
SEED_SETTINGS: Final[dict[str, type[ServiceSettings]]] = {
    "licensing": LicensingSeedSettings,
    "tenancy": TenancySeedSettings,
}
READERS: Final = [(name, name) for name in SETTINGS] + [("demo", name) for name in SEEDED]
"""Each container with the services whose settings it reads."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compose") / "keys"
    make_keys(folder)
    return folder


@pytest.fixture
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests."""
    for variable in {name for kind in SETTINGS.values() for name, _ in variables(kind)}:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize(("name", "service"), READERS)
def test_a_container_has_all_that_its_settings_ask_for(
    name: str, service: str, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = dict(ALL[name]["environment"])
    mounted = given["PORTAL_SECRETS_DIR"]
    assert volumes(ALL[name]) == {mounted: f"{Path(mounted).name}-keys"}

    monkeypatch.setenv("PORTAL_SECRETS_DIR", str(keys / Path(mounted).name))
    for variable, value in given.items():
        if variable != "PORTAL_SECRETS_DIR":
            monkeypatch.setenv(variable, value)

    wanted = SEED_SETTINGS.get(service) if name == "demo" else None

    assert isinstance(read_settings(wanted or SETTINGS[service]), SETTINGS[service])


@pytest.mark.parametrize("name", [*SETTINGS, "keys", "demo"])
def test_every_variable_is_a_setting_of_its_service(name: str) -> None:
    services = [service for container, service in READERS if container == name]
    known = {variable for service in services for variable, _ in variables(SETTINGS[service])}
    known |= {"PORTAL_SECRETS_DIR"} | ({"PORTAL_DEMO"} if name == "demo" else set())

    given = ALL[name].get("environment", {})

    assert set(given) <= known
    assert all(isinstance(value, str) for value in given.values()), "YAML read it as something else"


@pytest.mark.parametrize("name", SETTINGS)
def test_a_service_sees_its_own_keys_only_and_cannot_change_them(name: str) -> None:
    assert ALL[name]["volumes"] == [f"{name}-keys:/keys/{name}:ro"]
    assert ALL[name]["environment"]["PORTAL_SECRETS_DIR"] == f"/keys/{name}"


def test_keys_are_written_into_a_volume_per_service(keys: Path) -> None:
    made = {folder.name for folder in keys.iterdir()}

    assert volumes(ALL["keys"]) == {f"/keys/{name}": f"{name}-keys" for name in made}
    assert ALL["keys"]["command"] == ["portal", "keys", "/keys"]


def test_every_volume_and_network_is_declared_and_used() -> None:
    mounted = {volume for one in ALL.values() for volume in volumes(one).values()}
    joined = {network for one in ALL.values() for network in networks(one)}

    assert mounted == set(compose()["volumes"])
    assert joined == {"default", *compose()["networks"]}


# Addresses and ports


def _port(service: str) -> int:
    default = SETTINGS[service].model_fields["port"].default
    assert isinstance(default, int)
    return default


def _assert_reaches(name: str, target: str) -> None:
    assert networks(ALL[name]) & networks(ALL[target]), f"{name} shares no network with {target}"


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "gateway"])
def test_the_gateway_looks_for_a_service_where_it_listens(name: str) -> None:
    address = ALL["gateway"]["environment"][f"PORTAL_{name.upper()}_URL"]

    assert address == f"http://{name}:{_port(name)}"
    _assert_reaches("gateway", name)


@pytest.mark.parametrize("name", SETTINGS)
def test_services_listen_beyond_their_container(name: str) -> None:
    assert ALL[name]["environment"]["PORTAL_HOST"] == "0.0.0.0"  # noqa: S104 a container's own


@pytest.mark.parametrize("name", [*SETTINGS, "demo"])
def test_databases_are_looked_for_where_they_are(name: str) -> None:
    given = ALL[name]["environment"]
    if name != "gateway":
        assert given["MONGO_URL"] == "mongodb://mongo:27017/?replicaSet=rs0"
        _assert_reaches(name, "mongo")
    bus = urlsplit(given["AMQP_URL"])
    assert (bus.scheme, bus.hostname, bus.port, bus.path) == ("amqp", "rabbitmq", 5672, "/")
    _assert_reaches(name, "rabbitmq")


def test_the_replica_set_is_founded_under_the_name_and_address_that_services_use() -> None:
    command, founding = ALL["mongo"]["command"], health_command(ALL["mongo"])[-1]

    assert command[command.index("--replSet") + 1] == "rs0"
    assert '_id: "rs0", members: [{ _id: 0, host: "mongo:27017" }]' in founding


def test_mongodb_without_a_password_is_reached_by_those_who_store_in_it_alone() -> None:
    assert compose()["networks"]["database"] == {"internal": True}
    assert {name for name, one in ALL.items() if "database" in networks(one)} == {
        "mongo",
        "demo",
        *(name for name, kind in SETTINGS.items() if issubclass(kind, ServiceSettings)),
    }


@pytest.mark.parametrize("given", [{}, {"RABBITMQ_USER": "bunny", "RABBITMQ_PASSWORD": "s3cret_"}])
def test_all_use_the_user_that_the_broker_is_told_to_make(given: dict[str, str]) -> None:
    known = containers(given)
    broker = known["rabbitmq"]["environment"]
    user = (broker["RABBITMQ_DEFAULT_USER"], broker["RABBITMQ_DEFAULT_PASS"])

    urls = [one["environment"]["AMQP_URL"] for one in known.values() if _has(one, "AMQP_URL")]

    assert {(urlsplit(url).username, urlsplit(url).password) for url in urls} == {user}
    assert set(given.values()) <= set(user)


def _has(container: dict[str, Any], variable: str) -> bool:
    return variable in container.get("environment", {})


def test_mails_go_to_the_catcher() -> None:
    given = ALL["mailer"]["environment"]

    assert (given["PORTAL_SMTP_HOST"], given["PORTAL_SMTP_PORT"]) == ("mailpit", "1025")
    _assert_reaches("mailer", "mailpit")


def test_only_the_doors_for_people_are_open_and_only_on_this_machine() -> None:
    doors = {name: published(one) for name, one in ALL.items() if "ports" in one}

    assert doors == {
        "gateway": [("127.0.0.1", 8080, _port("gateway"))],
        "rabbitmq": [("127.0.0.1", 15672, 15672)],
        "mailpit": [("127.0.0.1", 8025, 8025)],
    }


def test_links_and_tokens_name_the_published_door() -> None:
    ((address, port, _),) = published(ALL["gateway"])
    tellers = {name for name, kind in SETTINGS.items() if "public_url" in kind.model_fields}

    told = {name: ALL[name]["environment"].get("PORTAL_PUBLIC_URL") for name in tellers | {"demo"}}

    assert set(told.values()) == {f"http://{address}:{port}"}


@pytest.mark.parametrize("name", ALL)
def test_replicas_would_not_take_each_others_place(name: str) -> None:
    assert "container_name" not in ALL[name]
    assert ("hostname" in ALL[name]) == (name == "rabbitmq"), "a broker's data belongs to its name"
