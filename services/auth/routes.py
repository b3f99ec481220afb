"""What may be asked of auth."""

from services.auth.handlers import keys, me, passwords, sessions
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
    RefreshBody,
    ResetBody,
    SessionsView,
    SignedInAnswer,
)
from services.auth.handlers.keys import KeySetView
from shared.web import Caller, delete, get, patch, post

# fmt: off
ROUTES = [
    get("/.well-known/jwks.json", keys.published, access=Caller.ANYBODY, answers=KeySetView),
    get("/internal/sessions/{id}", sessions.live, access=Caller.GATEWAY, answers=LiveSessionView),
    post("/v1/login", sessions.log_in_with_password, access=Caller.ANYBODY, body=LoginBody, answers=LoginAnswer),
    post("/v1/login/totp", sessions.log_in_with_code, access=Caller.ANYBODY, body=CodeBody, answers=SignedInAnswer),
    get("/v1/me", me.read, access=Caller.SIGNED_IN, answers=MeView),
    patch("/v1/me", me.change, access=Caller.SIGNED_IN, body=MeChanges, answers=MeView),
    post("/v1/me/password", passwords.change, access=Caller.SIGNED_IN, body=ChangePasswordBody, status=204),
    get("/v1/me/sessions", sessions.list_own, access=Caller.SIGNED_IN, answers=SessionsView),
    delete("/v1/me/sessions/{id}", sessions.end_own, access=Caller.SIGNED_IN, status=204),
    delete("/v1/me/totp", me.remove_totp, access=Caller.SIGNED_IN, status=204),
    post("/v1/me/totp", me.offer_totp, access=Caller.SIGNED_IN_OR_ENROLLING, answers=OfferView),
    post("/v1/me/totp/confirm", me.confirm_totp, access=Caller.SIGNED_IN_OR_ENROLLING, body=ConfirmBody, answers=ConfirmAnswer),
    post("/v1/password/forgot", passwords.forgot, access=Caller.ANYBODY, body=ForgottenBody, status=202),
    post("/v1/password/reset", passwords.reset, access=Caller.ANYBODY, body=ResetBody, status=204),
    post("/v1/session/logout", sessions.log_out, access=Caller.ANYBODY_OR_SIGNED_IN, body=RefreshBody, status=204),
    post("/v1/session/refresh", sessions.refresh, access=Caller.ANYBODY, body=RefreshBody, answers=SignedInAnswer),
]
