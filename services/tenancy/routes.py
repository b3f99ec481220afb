"""Everything that tenancy answers to."""

from typing import Final

from services.tenancy.deps import Deps
from services.tenancy.handlers import (
    access_requests,
    activity,
    activity_files,
    changes,
    customer_limits,
    customers,
    delegation,
    explain,
    org_settings,
    places,
    resellers,
    support_access,
    sync,
    tenant_states,
    tenants,
    webhook_deliveries,
    webhooks,
)
from shared.access import Permission
from shared.callers import Caller
from shared.contracts.events import Service
from shared.dead_letter_routes import dead_letter_routes
from shared.idempotency import ShownOnceError
from shared.paging import PageQuery
from shared.routing import Route, delete, get, patch, post, put


def _reseller_verbs() -> list[Route[Deps]]:
    """What the vendor does to a reseller, each with a reason; all of it needs a fresh factor."""
    verbs = {
        "authorise": resellers.authorise,
        "resume": resellers.resume,
        "suspend": resellers.suspend,
        "terminate": resellers.terminate,
    }
    return [
        post(
            f"/v1/resellers/{{rid}}/{verb}",
            handler,
            access=Permission.RESELLER_MANAGE,
            body=resellers.ResellerReason,
            answers=resellers.ResellerView,
        )
        for verb, handler in verbs.items()
    ]


def _tenant_verbs() -> list[Route[Deps]]:
    """What a reseller or the vendor does to a tenant."""
    verbs = {
        "cancel-offboarding": tenant_states.cancel_offboarding,
        "offboard": tenant_states.offboard,
        "resume": tenant_states.resume,
        "suspend": tenant_states.suspend,
    }
    return [
        post(
            f"/v1/tenants/{{tid}}/{verb}",
            handler,
            access=Permission.TENANT_EDIT,
            body=tenant_states.TenantReason,
            answers=tenants.TenantView,
            step_up=verb == "offboard",
            versioned=True,
        )
        for verb, handler in verbs.items()
    ]


def _access_for_a_time() -> list[Route[Deps]]:
    """What the reseller asks for and the customer decides."""
    manage, view = Permission.DELEGATION_MANAGE, access_requests.AccessView
    at_reseller, at_tenant = (
        "/v1/resellers/{rid}/access-requests",
        "/v1/tenants/{tid}/access-requests",
    )
    moves = {
        f"{at_reseller}/{{id}}/end": access_requests.end_by_reseller,
        f"{at_reseller}/{{id}}/withdraw": access_requests.withdraw,
        f"{at_tenant}/{{id}}/approve": access_requests.approve,
        f"{at_tenant}/{{id}}/deny": access_requests.deny,
        f"{at_tenant}/{{id}}/end": access_requests.end_by_tenant,
    }
    return [
        get(
            at_reseller,
            access_requests.of_reseller,
            access=Permission.TENANT_READ,
            query=PageQuery,
            answers=access_requests.AccessesView,
        ),
        post(
            at_reseller,
            access_requests.ask,
            access=manage,
            body=access_requests.AccessBody,
            answers=view,
            status=201,
            keyed=True,
        ),
        get(
            at_tenant,
            access_requests.of_tenant,
            access=Permission.TENANT_READ,
            query=PageQuery,
            answers=access_requests.AccessesView,
        ),
        *(post(path, handler, access=manage, answers=view) for path, handler in moves.items()),
    ]


def _webhooks() -> list[Route[Deps]]:
    """What a reseller's administrators do with its webhooks; what shows a secret, or has events
    sent elsewhere, needs a fresh factor.
    """
    all_of, manage = "/v1/resellers/{rid}/webhooks", Permission.USER_MANAGE
    one = f"{all_of}/{{wid}}"
    deliveries = webhook_deliveries
    view, with_secret = webhooks.WebhookView, webhooks.WebhookWithSecretView
    return [
        get(all_of, webhooks.list_all, access=manage, answers=webhooks.WebhooksView),
        post(
            all_of,
            webhooks.create,
            access=manage,
            body=webhooks.WebhookBody,
            answers=with_secret,
            status=201,
            step_up=True,
            keyed=ShownOnceError,
        ),
        delete(one, webhooks.delete, access=manage, status=204),
        get(one, webhooks.read, access=manage, answers=view),
        patch(
            one,
            webhooks.edit,
            access=manage,
            body=webhooks.WebhookChange,
            answers=view,
            step_up=("url",),
        ),
        get(
            f"{one}/deliveries",
            deliveries.list_newest,
            access=manage,
            query=deliveries.DeliveriesQuery,
            answers=deliveries.DeliveriesView,
        ),
        post(
            f"{one}/deliveries/{{id}}/retry",
            deliveries.retry,
            access=manage,
            answers=deliveries.DeliveryView,
        ),
        post(
            f"{one}/replay",
            deliveries.replay,
            access=manage,
            body=deliveries.ReplayBody,
            answers=deliveries.ReplayView,
        ),
        post(
            f"{one}/rotate",
            webhooks.rotate,
            access=manage,
            body=webhooks.OverlapBody,
            answers=with_secret,
            step_up=True,
            keyed=ShownOnceError,
        ),
        post(
            f"{one}/test",
            webhooks.ping,
            access=manage,
            answers=deliveries.DeliveryView,
            status=202,
            keyed=True,
        ),
    ]


ROUTES: Final[list[Route[Deps]]] = [
    get(
        "/internal/places/{place}",
        places.find,
        access=Caller.GATEWAY,
        query=places.PlaceQuery,
        answers=places.PlaceView,
    ),
    get(
        "/v1/access/explain",
        explain.explain,
        access=Permission.USER_READ,
        query=explain.ExplainQuery,
        answers=explain.ExplanationView,
    ),
    get(
        "/v1/activity",
        activity.of_own,
        access=Permission.ACTIVITY_READ,
        query=activity.ActivityQuery,
        answers=activity.ActivitiesView,
    ),
    get(
        "/v1/activity/export.csv",
        activity_files.csv_of_own,
        access=Permission.ACTIVITY_READ,
        query=activity_files.ExportQuery,
        answers=activity_files.ActivityCsv,
    ),
    get(
        "/v1/activity/export.jsonl",
        activity_files.lines_of_own,
        access=Permission.ACTIVITY_READ,
        query=activity_files.ExportQuery,
        answers=activity_files.ActivityLines,
    ),
    get(
        "/v1/activity/keys",
        activity_files.keys,
        access=Caller.ANYBODY,
        answers=activity_files.ActivityKeysView,
    ),
    get(
        "/v1/events/stream",
        changes.follow,
        access=Caller.SIGNED_IN_OR_MACHINE,
        query=changes.StreamQuery,
        answers=changes.EventStream,
        is_quiet=True,
    ),
    get(
        "/v1/resellers",
        resellers.list_all,
        access=Permission.RESELLER_READ,
        query=resellers.ResellersQuery,
        answers=resellers.ResellersView,
    ),
    post(
        "/v1/resellers",
        resellers.create,
        access=Permission.RESELLER_MANAGE,
        body=resellers.ResellerBody,
        answers=resellers.ResellerView,
        status=201,
        keyed=True,
    ),
    get(
        "/v1/resellers/{rid}",
        resellers.read,
        access=Permission.RESELLER_READ,
        answers=resellers.ResellerView,
    ),
    patch(
        "/v1/resellers/{rid}",
        resellers.edit,
        access=Permission.RESELLER_MANAGE,
        body=resellers.ResellerChange,
        answers=resellers.ResellerView,
    ),
    *_reseller_verbs(),
    get(
        "/v1/resellers/{rid}/activity",
        activity.of_reseller,
        access=Permission.ACTIVITY_READ,
        query=activity.ActivityQuery,
        answers=activity.ActivitiesView,
    ),
    get(
        "/v1/resellers/{rid}/activity/export.csv",
        activity_files.csv_of_reseller,
        access=Permission.ACTIVITY_READ,
        query=activity_files.ExportQuery,
        answers=activity_files.ActivityCsv,
    ),
    get(
        "/v1/resellers/{rid}/activity/export.jsonl",
        activity_files.lines_of_reseller,
        access=Permission.ACTIVITY_READ,
        query=activity_files.ExportQuery,
        answers=activity_files.ActivityLines,
    ),
    get(
        "/v1/resellers/{rid}/customers",
        customers.list_all,
        access=Permission.TENANT_READ,
        query=customers.CustomersQuery,
        answers=customers.CustomersView,
    ),
    get(
        "/v1/resellers/{rid}/customers/export",
        customers.give_out,
        access=Permission.TENANT_READ,
        query=customers.CustomersQuery,
        answers=customers.CustomersCsv,
    ),
    post(
        "/v1/resellers/{rid}/customers",
        customers.create,
        access=Permission.TENANT_CREATE,
        body=customers.CustomerBody,
        answers=tenants.TenantView,
        status=201,
        keyed=True,
    ),
    get(
        "/v1/resellers/{rid}/settings",
        org_settings.read_resellers,
        access=Permission.RESELLER_READ,
        answers=org_settings.SettingsView,
    ),
    patch(
        "/v1/resellers/{rid}/settings",
        org_settings.edit_resellers,
        access=Permission.USER_MANAGE,
        body=org_settings.SettingsChange,
        answers=org_settings.SettingsView,
    ),
    *_webhooks(),
    get(
        "/v1/resellers/{rid}/users/{uid}/customers",
        customer_limits.read,
        access=Permission.USER_MANAGE,
        answers=customer_limits.LimitView,
    ),
    put(
        "/v1/resellers/{rid}/users/{uid}/customers",
        customer_limits.change,
        access=Permission.USER_MANAGE,
        body=customer_limits.LimitBody,
        answers=customer_limits.LimitView,
    ),
    get(
        "/v1/sync/companies",
        sync.list_companies,
        access=Permission.DEAD_LETTER_MANAGE,
        query=sync.CompaniesQuery,
        answers=sync.CompaniesView,
    ),
    get(
        "/v1/sync/drift",
        sync.list_drifts,
        access=Permission.DEAD_LETTER_MANAGE,
        query=sync.DriftsQuery,
        answers=sync.DriftsView,
    ),
    get(
        "/v1/sync/messages",
        sync.list_newest,
        access=Permission.DEAD_LETTER_MANAGE,
        query=sync.SyncMessagesQuery,
        answers=sync.SyncMessagesView,
    ),
    get(
        "/v1/tenants/{tid}",
        tenants.read,
        access=Permission.TENANT_READ,
        answers=tenants.TenantView,
    ),
    patch(
        "/v1/tenants/{tid}",
        tenants.edit,
        access=Permission.TENANT_EDIT,
        body=tenants.TenantChange,
        answers=tenants.TenantView,
    ),
    get(
        "/v1/tenants/{tid}/access",
        activity.by_outsiders,
        access=Permission.ACTIVITY_READ,
        query=activity.ActivityQuery,
        answers=activity.ActivitiesView,
    ),
    get(
        "/v1/tenants/{tid}/activity",
        activity.of_tenant,
        access=Permission.ACTIVITY_READ,
        query=activity.ActivityQuery,
        answers=activity.ActivitiesView,
    ),
    post(
        "/v1/tenants/{tid}/set-up",
        tenant_states.set_up,
        access=Permission.TENANT_EDIT,
        body=tenant_states.SetUpBody,
        answers=tenants.TenantView,
        versioned=True,
    ),
    *_tenant_verbs(),
    get(
        "/v1/tenants/{tid}/activity/export.csv",
        activity_files.csv_of_tenant,
        access=Permission.ACTIVITY_READ,
        query=activity_files.ExportQuery,
        answers=activity_files.ActivityCsv,
    ),
    get(
        "/v1/tenants/{tid}/activity/export.jsonl",
        activity_files.lines_of_tenant,
        access=Permission.ACTIVITY_READ,
        query=activity_files.ExportQuery,
        answers=activity_files.ActivityLines,
    ),
    get(
        "/v1/tenants/{tid}/delegation",
        delegation.read,
        access=Permission.TENANT_READ,
        answers=delegation.DelegationView,
    ),
    patch(
        "/v1/tenants/{tid}/delegation",
        delegation.change,
        access=Permission.DELEGATION_MANAGE,
        body=delegation.DelegationChange,
        answers=delegation.DelegationView,
    ),
    get(
        "/v1/tenants/{tid}/settings",
        org_settings.read,
        access=Permission.TENANT_READ,
        answers=org_settings.SettingsView,
    ),
    patch(
        "/v1/tenants/{tid}/settings",
        org_settings.edit,
        access=Permission.TENANT_EDIT,
        body=org_settings.SettingsChange,
        answers=org_settings.SettingsView,
    ),
    *dead_letter_routes(Service.TENANCY),
    get(
        "/v1/vendor/settings",
        org_settings.read_vendors,
        access=Permission.RESELLER_READ,
        answers=org_settings.SettingsView,
    ),
    patch(
        "/v1/vendor/settings",
        org_settings.edit_vendors,
        access=Permission.RESELLER_MANAGE,
        body=org_settings.SettingsChange,
        answers=org_settings.SettingsView,
    ),
    get(
        "/v1/tenants/{tid}/support-access",
        support_access.list_all,
        access=Permission.TENANT_READ,
        answers=support_access.SupportAccessesView,
    ),
    post(
        "/v1/tenants/{tid}/support-access",
        support_access.enter,
        access=Permission.TENANT_ENTER,
        body=support_access.SupportAccessBody,
        answers=support_access.SupportAccessView,
        status=201,
        keyed=True,
    ),
    delete(
        "/v1/tenants/{tid}/support-access/{id}",
        support_access.end,
        access=Permission.DELEGATION_MANAGE,
        status=204,
    ),
    *_access_for_a_time(),
    post(
        "/v1/tenants/{tid}/transfer",
        tenant_states.transfer,
        access=Permission.TENANT_TRANSFER,
        body=tenant_states.TransferBody,
        answers=tenants.TenantView,
    ),
]
