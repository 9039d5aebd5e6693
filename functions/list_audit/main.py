"""GET /api/v1/integrations/audit: the tenant's audit trail, oldest first; as JSON or as NDJSON for export."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.audit.views import AuditPage
from integrations_hub.views import PageQuery
from integrations_hub.web import AUDIT, Call, NoBody, Response, expose, page_answer


def list_audit(call: Call[PageQuery, NoBody]) -> Response:
    """List the tenant's audit trail; all pages together verify offline."""
    return page_answer(call.request, bootstrap.audit().list_audit(call.caller, call.query))


lambda_handler, http = expose(
    list_audit,
    "GET",
    "/api/v1/integrations/audit",
    scope=AUDIT,
    query=PageQuery,
    answers={200: AuditPage},
    other_media_types=("application/x-ndjson",),
    headers=("Link",),
)
