"""Nobody sees what is not theirs: the walk through a whole portal, and that it notices leaks."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog

from portal.console import Console
from portal.isolation.report import Report
from portal.isolation.run import Scratch, scratch, walk_through
from portal.isolation.world import OPEN, TENANTS
from services.auth.actions import users
from services.gateway.clients.doorman import Doorman
from services.gateway.clients.questions import Questions, Standing
from services.tenancy.actions import tenants
from shared.access import Relation
from shared.errors import ForbiddenError, NotFoundError
from shared.logs import configure_logging
from tests.support.processes import PROJECT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Scratch]:
    """A marked portal in this very process, so that its code can be made to leak."""
    async with scratch(Console()) as portal:
        yield portal
    configure_logging(readable=True)


async def walked(running: Scratch, only: str) -> Report:
    return await walk_through(running, lambda *_: None, only)


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def _run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "portal.cli", "verify-isolation", *map(str, arguments)]
    return subprocess.run(  # noqa: S603 our own command
        command, cwd=PROJECT, capture_output=True, text=True, timeout=280, check=False
    )


async def test_a_walk_through_everything_finds_nothing_and_its_report_is_signed(
    tmp_path: Path,
) -> None:
    path, changed = tmp_path / "report.json", tmp_path / "changed.json"
    document = json.loads((PROJECT / "services/gateway/openapi.json").read_text())
    every = {
        f"{method.upper()} {template}"
        for template, item in document["paths"].items()
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}
    }

    done = await asyncio.to_thread(_run, "--report", path)
    signed = json.loads(path.read_text())
    kid = signed["key"]["keys"][0]["kid"]
    checked = await asyncio.to_thread(_run, "--check", path, "--thumbprint", kid)
    foreign = await asyncio.to_thread(_run, "--check", path, "--thumbprint", "x" * 43)
    signed["report"]["requests"] += 1
    changed.write_text(json.dumps(signed))
    refused = await asyncio.to_thread(_run, "--check", changed)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing found." in done.stdout
    assert kid in done.stdout
    assert every <= signed["report"]["operations"].keys()
    assert min(signed["report"]["reached"].values()) > 10
    assert (checked.returncode, foreign.returncode, refused.returncode) == (0, 1, 1)
    assert "is not what was signed" in refused.stderr


async def test_a_walk_through_nothing_proves_nothing(tmp_path: Path) -> None:
    walked = await asyncio.to_thread(
        _run, "--report", tmp_path / "report.json", "--only", "/v1/nowhere"
    )

    assert walked.returncode == 1
    assert "No operation has '/v1/nowhere' in its name." in walked.stderr
    assert not (tmp_path / "report.json").exists()


async def test_a_gateway_that_lets_strangers_in_is_noticed(
    running: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everybody_is_assigned(*_: object) -> Standing:
        return Standing(Relation.ASSIGNED, None, None, None, ())

    before = await walked(running, "GET /v1/tenants/{tid}/users")
    monkeypatch.setattr(Questions, "standing", everybody_is_assigned)
    after = await walked(running, "GET /v1/tenants/{tid}/users")

    assert before.findings == ()
    assert {"answers show no foreign mark", "places that are closed are as absent ones"} <= rules(
        after
    )


async def test_a_refusal_that_tells_what_exists_is_noticed(
    running: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Doorman.admit

    async def telling(self: Doorman, operation: Any, place: str | None, known: Any) -> str:
        try:
            return await real(self, operation, place, known)
        except NotFoundError:
            if place in TENANTS:
                raise ForbiddenError from None
            raise

    monkeypatch.setattr(Doorman, "admit", telling)

    report = await walked(running, "POST /v1/tenants/{tid}/suspend")

    assert rules(report) == {"places that are closed are as absent ones"}


async def test_a_service_that_finds_what_is_elsewhere_is_noticed(
    running: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = users.read_user

    async def anywhere(deps: Any, org: str, account_id: str) -> Any:
        for place in (org, *TENANTS):
            with contextlib.suppress(NotFoundError):
                return await real(deps, place, account_id)
        raise NotFoundError

    monkeypatch.setattr(users, "read_user", anywhere)

    report = await walked(running, "GET /v1/tenants/{tid}/users/{uid}")

    assert "what is elsewhere is as absent here" in rules(report)


async def test_a_search_that_looks_everywhere_is_noticed(
    running: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = users.list_users

    async def everywhere(deps: Any, org: str, which: Any, limit: int) -> Any:
        found = await real(deps, org, which, limit)
        if which.search and not found:
            for place in TENANTS:
                found = [*found, *await real(deps, place, which, limit)]
        return found

    monkeypatch.setattr(users, "list_users", everywhere)

    report = await walked(running, "GET /v1/tenants/{tid}/users")

    assert "an id in search is as absent" in rules(report)


async def test_a_name_and_a_secret_in_a_log_are_noticed(
    running: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, secret = tenants.read_tenant, next(iter(running.marks.secrets))

    async def chatty(*given: Any) -> Any:
        found = await real(*given)
        structlog.get_logger().info("tenant_read", title=found.name, hint=secret)
        return found

    before = await walked(running, "GET /v1/products")
    monkeypatch.setattr(tenants, "read_tenant", chatty)
    await running.door.json(running.cast.head_of(OPEN), "GET", f"/v1/tenants/{OPEN}")
    told = await walked(running, "GET /v1/products")

    assert before.findings == ()
    assert rules(told) == {"logs show no mark", "secrets are nowhere"}
