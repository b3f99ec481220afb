"""The own passkeys: registering, listing, naming and removing them."""

from services.auth.actions import own_account, passkeys
from services.auth.deps import Deps
from services.auth.handlers.me import activating
from services.auth.handlers.passkey_bodies import (
    CreationOptionsView,
    PasskeyBody,
    PasskeyChange,
    PasskeysView,
    PasskeyView,
    RegisteredAndSignedInView,
    RegisteredAndSignedInWithRefreshView,
    RegisteredAnswer,
    RegisteredView,
    as_browsers_write,
    passkey_view,
)
from services.auth.handlers.sessions import cookies_of, signed_in_view
from shared.etags import etag, expected_version
from shared.models import Nothing
from shared.routing import Call, Reply


async def list_own(call: Call[Deps, Nothing, Nothing]) -> Reply[PasskeysView]:
    """List the own passkeys."""
    account = await own_account.read_own(call.deps, call.caller.subject)
    return Reply(PasskeysView(items=list(map(passkey_view, account.passkeys))))


async def offer(call: Call[Deps, Nothing, Nothing]) -> Reply[CreationOptionsView]:
    """Start the registration of a passkey: what to ask the authenticator for.

    Who has a second factor already shows it first: within the ten minutes of a step-up.
    """
    options = passkeys.offer_passkey(call.deps, await activating(call))
    return Reply(CreationOptionsView(public_key=options))


async def register(call: Call[Deps, PasskeyBody, Nothing]) -> Reply[RegisteredAnswer]:
    """Finish the registration of a passkey with what the authenticator has made.

    Answers ten recovery codes with the first factor and, where a sign-in was waiting for this, the
    session.
    """
    credential = as_browsers_write(call.body.credential)
    by = await activating(call)
    done = await passkeys.register_passkey(call.deps, by, call.body.name, credential)
    more = {"passkey": passkey_view(done.passkey), "recovery_codes": done.recovery_codes}
    if done.signed_in is None:
        return Reply(RegisteredAnswer(RegisteredView.model_validate(more)), status=201)
    tokens = signed_in_view(done.signed_in).model_dump()
    kind = (
        RegisteredAndSignedInWithRefreshView
        if done.signed_in.wants_body
        else RegisteredAndSignedInView
    )
    view = RegisteredAnswer(kind.model_validate({**tokens, **more}))
    return Reply(view, status=201, cookies=cookies_of(done.signed_in))


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[PasskeyView]:
    """Read one of the own passkeys."""
    passkey = await passkeys.read_passkey(call.deps, call.caller.subject, call.path["id"])
    return Reply(passkey_view(passkey), headers=etag(passkey.version))


async def rename(call: Call[Deps, PasskeyChange, Nothing]) -> Reply[PasskeyView]:
    """Give one of the own passkeys another name."""
    version = expected_version(call.header("If-Match"))
    passkey = await passkeys.rename_passkey(
        call.deps, call.caller.subject, call.path["id"], version, call.body.name
    )
    return Reply(passkey_view(passkey), headers=etag(passkey.version))


async def remove(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Remove one of the own passkeys, unless it is the last factor that must be or way in."""
    account = await own_account.read_own(call.deps, call.caller.subject)
    await passkeys.remove_passkey(call.deps, account, call.path["id"])
    return Reply(status=204)
