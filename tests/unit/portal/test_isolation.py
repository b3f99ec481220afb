"""What a walk concludes from what it is shown, and what its report is worth."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.isolation.judge import Answer, different, strangers
from portal.isolation.report import Report, ReportError, check, write
from portal.isolation.traces import in_events, in_lines, in_mails, never_seen
from portal.isolation.world import FOREIGN, LAPSED, MINE, OPEN, SHUT, Marks, closed_to
from shared.contracts.events import CloudEvent
from shared.keys import signing_keys


def an_event(**data: str) -> CloudEvent:
    return CloudEvent(
        id="1",
        source="tenancy",
        type="portal.tenancy.tenant.edited.v1",
        subject=OPEN,
        time=datetime(2026, 3, 10, tzinfo=UTC),
        sequence=1,
        data={"tenant_id": OPEN, **data},
    )


def a_report(requests: int = 3) -> Report:
    return Report("2026-03-10T12:00:00", 1.0, requests, {"GET /v1/me": {200: 3}}, {}, {}, ())


def test_a_reseller_sees_inside_the_tenants_that_it_looks_after_and_no_others() -> None:
    marks = Marks()

    seen = marks.seen_by(MINE, "reseller-admin")

    assert marks.inner[OPEN] in seen
    assert {marks.outer[LAPSED], marks.outer[SHUT]} <= seen
    assert seen.isdisjoint({marks.inner[LAPSED], marks.inner[SHUT], *marks.of([FOREIGN])})
    assert {LAPSED, SHUT, FOREIGN} <= set(closed_to(MINE, "reseller-admin"))


def test_a_mark_that_one_said_oneself_tells_nothing() -> None:
    marks = Marks()
    foreign = marks.inner[FOREIGN]

    found = marks.found_in(f"nothing is like {foreign.upper()}")

    assert strangers(found, frozenset(), f"?search={foreign}") == set()
    assert strangers(found, frozenset(), "?search=else") == {foreign}


def test_an_id_counts_as_the_mark_of_where_it_is() -> None:
    marks = Marks(ids={"0af3": "zq000000000000i"})

    assert marks.found_in('{"id": "0af3"}') == {"zq000000000000i"}


def test_answers_are_compared_byte_for_byte_save_for_what_always_changes() -> None:
    one = Answer(404, ((b"Date", b"now"), (b"Server", b"portal")), b'{"i": "r1"}', "r1")
    same = Answer(404, ((b"Date", b"later"), (b"Server", b"portal")), b'{"i": "r2"}', "r2")
    other = Answer(
        404, ((b"Date", b"now"), (b"Server", b"portal"), (b"X", b"")), b'{"i": "r1"}', "r1"
    )

    assert different({"a": one.plain(), "b": same.plain()}) == []
    assert different({"a": one.plain(), "b": same.plain(), "c": other.plain()}) != []


def test_an_event_may_name_whom_it_is_about_and_their_reseller_alone() -> None:
    marks = Marks()

    fine = in_events(marks, [an_event(name=marks.outer[OPEN], by=marks.inner[MINE])])
    mixed = in_events(marks, [an_event(name=marks.outer[FOREIGN])])

    assert fine == []
    assert [finding.rule for finding in mixed] == ["events show no foreign mark"]


def test_a_mail_with_the_mark_of_another_tenant_or_with_a_secret_is_noticed() -> None:
    marks = Marks(secrets={"very-secret"})
    address = f"admin@{OPEN.replace('.', '-')}.example"

    fine = in_mails(marks, [(address, f"Dear {marks.inner[OPEN]}")])
    foreign = in_mails(marks, [(address, f"Dear {marks.inner[FOREIGN]}")])
    secret = in_mails(marks, [(address, "very-secret")])

    assert fine == []
    assert [finding.rule for finding in foreign] == ["mails show no foreign mark"]
    assert [finding.rule for finding in secret] == ["secrets are nowhere"]


def test_a_metric_may_have_nobodys_mark() -> None:
    marks = Marks()

    found = in_lines(marks, "metrics", f'requests{{org="{marks.outer[OPEN]}"}} 1\nrequests 2')

    assert [finding.rule for finding in found] == ["metrics show no mark"]


def test_what_nobody_was_shown_proves_nothing() -> None:
    marks = Marks()
    seen = {*marks.outer.values(), *marks.inner.values()}

    assert never_seen(marks, seen) == []
    assert len(never_seen(marks, seen - {marks.inner[OPEN]})) == 1


def test_a_report_is_what_was_signed_by_whom_one_knows(tmp_path: Path) -> None:
    path = tmp_path / "report.json"

    kid = write(a_report(), path)
    told, by = check(path, kid)

    assert (told["requests"], told["is_clean"], by) == (3, True, kid)


def test_a_changed_report_and_one_signed_by_others_are_refused(tmp_path: Path) -> None:
    path, keys = tmp_path / "report.json", signing_keys()
    kid = write(a_report(), path, keys)
    signed = json.loads(path.read_text())
    changed = {**signed, "report": {**signed["report"], "requests": 9}}

    path.write_text(json.dumps(changed))
    with pytest.raises(ReportError, match="not what was signed"):
        check(path)
    write(a_report(), path)
    with pytest.raises(ReportError, match="another key"):
        check(path, kid)
    path.write_text("{}")
    with pytest.raises(ReportError, match="no signed report"):
        check(path)


def test_a_key_that_only_claims_a_thumbprint_is_not_believed(tmp_path: Path) -> None:
    path, trusted = tmp_path / "report.json", signing_keys()
    write(a_report(), path, signing_keys())
    signed = json.loads(path.read_text())
    signed["key"]["keys"][0]["kid"] = trusted.first.kid

    path.write_text(json.dumps(signed))

    with pytest.raises(ReportError):
        check(path, str(trusted.first.kid))
