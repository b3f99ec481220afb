"""What happens elsewhere that auth acts on."""

from services.auth.consumers import auth, tenancy
from shared.contracts.auth import ForgottenPasswordReported
from shared.contracts.tenancy import TenantCreated
from shared.inbox import on

SUBSCRIPTIONS = [
    on(ForgottenPasswordReported, auth.forgotten_password_reported),
    on(TenantCreated, tenancy.tenant_created),
]
