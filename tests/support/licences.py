"""A licence as unit tests of its rules need one: what matters is said, the rest is as usual."""

from datetime import UTC, date, datetime
from typing import Any, Final

from services.licensing.domain.licences import Licence

_NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_licence(**what_matters: Any) -> Licence:
    """Five seats of a year that has just begun, bought by 100001.rsp for 123456.sms."""
    usual: dict[str, Any] = {
        "id": "l-1",
        "key": "MS-00000-00000-00000-00000",
        "product": "mdm",
        "seats": 5,
        "starts_on": date(2026, 3, 10),
        "ends_on": date(2027, 3, 9),
        "tenant_id": "123456.sms",
        "reseller_id": "100001.rsp",
        "created_at": _NOON,
    }
    return Licence(**usual | what_matters)
