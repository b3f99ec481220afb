"""What a message to the other side looks like: CloudEvents 1.0 in JSON, structured mode."""

import uuid
from datetime import UTC, datetime
from typing import Any


def message(what: str, subject: str, sequence: int, data: dict[str, Any]) -> dict[str, Any]:
    """`what` is the record and what became of it; `sequence` grows with each change of it."""
    return {
        "specversion": "1.0",
        "id": uuid.uuid4().hex,
        "source": "https://rsp.example",
        "type": f"reseller-portal.{what}.v1",
        "subject": subject,
        "time": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "sequence": sequence,
        "data": data,
    }
