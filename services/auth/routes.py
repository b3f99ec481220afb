"""What may be asked of auth."""

from typing import Final

from services.auth.deps import Deps
from services.auth.domain.api_keys import KeyShownError
from services.auth.handlers import (
    api_keys,
    factor_resets,
    keys,
    me,
    oauth,
    passkey_login,
    passkeys,
    passwords,
    reseller_portal,
    sessions,
    step_up,
    user_csv,
    users,
)
from services.auth.handlers.api_keys import (
    ApiKeyBody,
    ApiKeysView,
    IssuedKeyView,
    LiveKeyView,
    RotationBody,
)
from services.auth.handlers.bodies import (
    ChangePasswordBody,
    CodeBody,
    ConfirmAnswer,
    ConfirmBody,
    ForgottenBody,
    LiveSessionView,
    LoginAnswer,
    LoginBody,
    MeChanges,
    MeView,
    OfferView,
    RecoveryCodesView,
    RefreshBody,
    ResetBody,
    SessionsQuery,
    SessionsView,
    SignedInAnswer,
)
from services.auth.handlers.factor_resets import (
    FactorResetView,
    ResetFactorBody,
    RollOutQuery,
    RollOutView,
    StopResetBody,
)
from services.auth.handlers.keys import KeySetView
from services.auth.handlers.oauth import MetadataView, TokenForm, TokenRefusal, TokenView
from services.auth.handlers.passkey_bodies import (
    CreationOptionsView,
    LoginOptionsBody,
    PasskeyBody,
    PasskeyChange,
    PasskeyLoginBody,
    PasskeysView,
    PasskeyView,
    RegisteredAnswer,
    RequestOptionsView,
)
from services.auth.handlers.reseller_portal import BegunView, CallbackQuery, LogoutForm, WaysView
from services.auth.handlers.step_up import SteppedUpView, StepUpBody
from services.auth.handlers.user_csv import ImportBody, ImportView, UsersCsv
from services.auth.handlers.users import (
    PrimaryUserBody,
    UserBody,
    UserChange,
    UsersQuery,
    UsersView,
    UserView,
)
from shared.access import Permission
from shared.callers import Caller
from shared.contracts.events import Service
from shared.dead_letter_routes import dead_letter_routes
from shared.idempotency import ShownOnceError
from shared.paging import PageQuery
from shared.routing import Route, delete, get, patch, post


# fmt: off
def _api_keys_of(place: str) -> list[Route[Deps]]:
    """The API keys of one kind of place; making a secret needs a fresh factor, ending one doesn't."""
    return [
        get(f"{place}/api-keys", api_keys.list_newest, access=Permission.USER_MANAGE, query=PageQuery, answers=ApiKeysView),
        post(f"{place}/api-keys", api_keys.create, access=Permission.USER_MANAGE, body=ApiKeyBody, answers=IssuedKeyView, status=201, step_up=True, keyed=KeyShownError),
        delete(f"{place}/api-keys/{{id}}", api_keys.revoke, access=Permission.USER_MANAGE, status=204),
        post(f"{place}/api-keys/{{id}}/rotate", api_keys.rotate, access=Permission.USER_MANAGE, body=RotationBody, answers=IssuedKeyView, step_up=True, keyed=KeyShownError),
    ]


def _users_of(place: str) -> list[Route[Deps]]:
    """The users of one kind of place; `export` comes before what any id could be."""
    return [
        get(f"{place}/totp-report", factor_resets.report, access=Permission.USER_READ, query=RollOutQuery, answers=RollOutView),
        get(f"{place}/users", users.list_all, access=Permission.USER_READ, query=UsersQuery, answers=UsersView),
        post(f"{place}/users", users.create, access=Permission.USER_MANAGE, body=UserBody, answers=UserView, status=201, keyed=True),
        get(f"{place}/users/export", user_csv.give_out, access=Permission.USER_READ, answers=UsersCsv),
        post(f"{place}/users/import", user_csv.take_in, access=Permission.USER_MANAGE, body=ImportBody, answers=ImportView, keyed=True),
        get(f"{place}/users/{{uid}}", users.read, access=Permission.USER_READ, answers=UserView),
        patch(f"{place}/users/{{uid}}", users.change, access=Permission.USER_MANAGE, body=UserChange, answers=UserView, step_up=("roles",)),
        delete(f"{place}/users/{{uid}}", users.remove, access=Permission.USER_MANAGE, status=204),
        post(f"{place}/users/{{uid}}/disable", users.disable, access=Permission.USER_MANAGE, answers=UserView),
        post(f"{place}/users/{{uid}}/enable", users.enable, access=Permission.USER_MANAGE, answers=UserView),
        post(f"{place}/users/{{uid}}/invite", users.invite, access=Permission.USER_MANAGE, answers=UserView, keyed=True),
        post(f"{place}/users/{{uid}}/reset-totp", factor_resets.ask, access=Permission.USER_MANAGE, body=ResetFactorBody, answers=FactorResetView, status=202, step_up=True, keyed=True),
    ]


ROUTES: Final[list[Route[Deps]]] = [
    get("/.well-known/jwks.json", keys.published, access=Caller.ANYBODY, answers=KeySetView),
    get("/.well-known/oauth-authorization-server", oauth.metadata, access=Caller.ANYBODY, answers=MetadataView),
    get("/internal/api-keys/{id}", api_keys.live, access=Caller.GATEWAY, answers=LiveKeyView),
    get("/internal/sessions/{id}", sessions.live, access=Caller.GATEWAY, answers=LiveSessionView),
    get("/v1/login", reseller_portal.ways, access=Caller.ANYBODY, answers=WaysView),
    post("/v1/login", sessions.log_in_with_password, access=Caller.ANYBODY, body=LoginBody, answers=LoginAnswer),
    get("/v1/login/reseller-portal", reseller_portal.begin, access=Caller.ANYBODY, status=302),
    get("/v1/login/reseller-portal/callback", reseller_portal.finish, access=Caller.ANYBODY, query=CallbackQuery, status=302),
    post("/v1/login/reseller-portal/logout", reseller_portal.log_out, access=Caller.LOGOUT_TOKEN, body=LogoutForm),
    post("/v1/login/passkey", passkey_login.log_in, access=Caller.ANYBODY, body=PasskeyLoginBody, answers=SignedInAnswer),
    post("/v1/login/passkey/options", passkey_login.options, access=Caller.ANYBODY, body=LoginOptionsBody, answers=RequestOptionsView),
    post("/v1/login/totp", sessions.log_in_with_code, access=Caller.CHALLENGE, body=CodeBody, answers=SignedInAnswer),
    get("/v1/me", me.read, access=Caller.SIGNED_IN, answers=MeView),
    patch("/v1/me", me.change, access=Caller.SIGNED_IN, body=MeChanges, answers=MeView),
    get("/v1/me/passkeys", passkeys.list_own, access=Caller.SIGNED_IN, answers=PasskeysView),
    post("/v1/me/passkeys", passkeys.register, access=Caller.SIGNED_IN_OR_ENROLLING, body=PasskeyBody, answers=RegisteredAnswer, status=201),
    post("/v1/me/passkeys/options", passkeys.offer, access=Caller.SIGNED_IN_OR_ENROLLING, answers=CreationOptionsView),
    get("/v1/me/passkeys/{id}", passkeys.read, access=Caller.SIGNED_IN, answers=PasskeyView),
    patch("/v1/me/passkeys/{id}", passkeys.rename, access=Caller.SIGNED_IN, body=PasskeyChange, answers=PasskeyView),
    delete("/v1/me/passkeys/{id}", passkeys.remove, access=Caller.SIGNED_IN, status=204, step_up=True),
    post("/v1/me/password", passwords.change, access=Caller.SIGNED_IN, body=ChangePasswordBody, status=204),
    get("/v1/me/sessions", sessions.list_own, access=Caller.SIGNED_IN, answers=SessionsView),
    delete("/v1/me/sessions", sessions.end_all_own, access=Caller.SIGNED_IN, query=SessionsQuery, status=204),
    delete("/v1/me/sessions/{id}", sessions.end_own, access=Caller.SIGNED_IN, status=204),
    post("/v1/me/recovery-codes", step_up.replace_recovery_codes, access=Caller.SIGNED_IN, answers=RecoveryCodesView, step_up=True, keyed=ShownOnceError),
    delete("/v1/me/totp", me.remove_totp, access=Caller.SIGNED_IN, status=204, step_up=True),
    post("/v1/me/totp", me.offer_totp, access=Caller.SIGNED_IN_OR_ENROLLING, answers=OfferView),
    post("/v1/me/totp/confirm", me.confirm_totp, access=Caller.SIGNED_IN_OR_ENROLLING, body=ConfirmBody, answers=ConfirmAnswer),
    post("/v1/me/totp/reset/stop", factor_resets.stop, access=Caller.MAIL_LINK, body=StopResetBody, status=204),
    post("/v1/oauth/token", oauth.token, access=Caller.CLIENT, body=TokenForm, answers=TokenView, refuses=TokenRefusal),
    post("/v1/password/forgot", passwords.forgot, access=Caller.ANYBODY, body=ForgottenBody, status=202),
    post("/v1/password/reset", passwords.reset, access=Caller.MAIL_LINK, body=ResetBody, status=204),
    post("/v1/session/logout", sessions.log_out, access=Caller.ANYBODY_OR_SIGNED_IN, body=RefreshBody, status=204),
    post("/v1/session/refresh", sessions.refresh, access=Caller.REFRESH_TOKEN, body=RefreshBody, answers=SignedInAnswer),
    post("/v1/session/step-up", step_up.step_up, access=Caller.SIGNED_IN, body=StepUpBody, answers=SteppedUpView),
    post("/v1/session/step-up/reseller-portal", reseller_portal.begin_step_up, access=Caller.SIGNED_IN, answers=BegunView),
    post("/v1/session/step-up/options", step_up.options, access=Caller.SIGNED_IN, answers=RequestOptionsView),
    post("/v1/resellers/{rid}/primary-user", users.hand_over, access=Permission.USER_MANAGE, body=PrimaryUserBody, answers=UserView, step_up=True),
    *_api_keys_of("/v1/resellers/{rid}"),
    *_api_keys_of("/v1/tenants/{tid}"),
    *_api_keys_of("/v1/vendor"),
    *dead_letter_routes(Service.AUTH),
    *_users_of("/v1/resellers/{rid}"),
    *_users_of("/v1/tenants/{tid}"),
    *_users_of("/v1/vendor"),
]
