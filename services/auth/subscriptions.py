"""What happens elsewhere that auth acts on."""

from services.auth.consumers import auth, tenancy
from shared.contracts.auth import ForgottenPasswordReported
from shared.contracts.tenancy import ResellerCreated, TenantCreated, TenantSettingsChanged
from shared.inbox import on

SUBSCRIPTIONS = [
    on(ForgottenPasswordReported, auth.forgotten_password_reported),
    on(ResellerCreated, tenancy.reseller_created),
    on(TenantCreated, tenancy.tenant_created),
    on(TenantSettingsChanged, tenancy.tenant_settings_changed),
]
