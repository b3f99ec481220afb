"""What can be refused, each with the public code that never changes.

DomainError
├── NotFoundError         404 not_found          absent, foreign or no longer visible: one answer
├── ForbiddenError        403 forbidden          visible, but not yours to do
├── UnauthenticatedError  401 unauthenticated    no valid token, session or pass
├── ConflictError         409 conflict           the state does not allow it
├── PreconditionError     412 / 428              If-Match differs / is missing
├── InvalidError          422 invalid            a rule of the domain refuses the values
├── TooManyError          429 too_many_requests  slow down, with Retry-After
└── UnavailableError      503 unavailable        a part is away or full, with Retry-After
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One field that was refused: where in the request (`#/body/seats`), a code and a sentence."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """A refusal that is meant for the caller; the edge turns it into problem details once."""

    status = 400
    code = "bad_request"
    detail = "The request can't be carried out."
    challenge = 'Bearer realm="portal"'
    """What a 401 says in WWW-Authenticate (RFC 9110 §11.6.1)."""

    def __init__(
        self,
        detail: str | None = None,
        *,
        fields: Sequence[FieldError] = (),
        retry_after_seconds: int | None = None,
        extensions: Mapping[str, str] | None = None,
    ) -> None:
        self.detail = detail or type(self).detail
        self.fields = tuple(fields)
        self.extensions = dict(extensions or {})
        """Members of the problem details of this code alone (RFC 9457 §3.2)."""
        self.retry_after_seconds = retry_after_seconds
        super().__init__(self.detail)


class NotFoundError(DomainError):
    status = 404
    code = "not_found"
    detail = "There is nothing here."


class ForbiddenError(DomainError):
    status = 403
    code = "forbidden"
    detail = "Your role does not allow this."


class UnauthenticatedError(DomainError):
    status = 401
    code = "unauthenticated"
    detail = "Sign in first."


class ConflictError(DomainError):
    status = 409
    code = "conflict"
    detail = "The present state does not allow this."


class PreconditionError(DomainError):
    status = 412
    code = "precondition_failed"
    detail = "Somebody changed it meanwhile. Read it again, then repeat your change."


class PreconditionMissingError(PreconditionError):
    status = 428
    code = "precondition_required"
    detail = "Send If-Match with the one ETag that you read."


class InvalidError(DomainError):
    """It always says which values: those in `fields`, else the one that `pointer` names."""

    status = 422
    code = "invalid"
    detail = "Some values are not accepted."
    pointer = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        fields: Sequence[FieldError] = (),
        pointer: str | None = None,
    ) -> None:
        where = pointer or self.pointer
        if where and not fields:
            fields = [FieldError(where, self.code, detail or self.detail)]
        super().__init__(detail, fields=fields)


class TooManyError(DomainError):
    status = 429
    code = "too_many_requests"
    detail = "Too many attempts. Wait, then try again."


class UnavailableError(DomainError):
    status = 503
    code = "unavailable"
    detail = "A part of the portal is busy or away. Try again in a moment."
