"""Trouble with the Reseller Portal's synchronisation: the vendor's administrators get a mail."""

from collections.abc import Mapping

from services.mailer.actions.write_to import Notice, write_to
from services.mailer.deps import Deps
from services.mailer.domain.sync_wording import rejected_because
from services.mailer.domain.templates import Locale, Template
from shared.contracts.tenancy import SyncTroubleAnnounced
from shared.ids import VENDOR
from shared.inbox import Received
from shared.outbox import Transaction


async def sync_trouble_announced(
    deps: Deps, event: Received[SyncTroubleAnnounced], tx: Transaction
) -> None:
    """To nobody else: what was rejected may be about what the company may not know."""
    found = event.body
    words = {
        "reseller_id": found.reseller_id or "",
        "record": found.record,
        "count": str(found.count),
    }

    def in_language(locale: Locale) -> Mapping[str, str]:
        return {"reason": rejected_because(found.cause, locale)}

    if found.how == "differing":
        notice = Notice(VENDOR, Template.SYNC_DRIFT, words)
    else:
        notice = Notice(VENDOR, Template.SYNC_REJECTED, words, wording=in_language)
    await write_to(deps, notice, event.envelope, tx)
