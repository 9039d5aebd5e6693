"""GET /api/v1/integrations/{integration_id}/audit: one integration's audit trail, a deleted one's too."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.audit.views import AuditPage
from integrations_hub.views import PageQuery
from integrations_hub.web import AUDIT, Call, NoBody, Response, expose, page_answer


def list_integration_audit(call: Call[PageQuery, NoBody]) -> Response:
    """List one integration's audit trail, oldest first."""
    page = bootstrap.audit().list_integration_audit(call.caller, call.integration_id, call.query)
    return page_answer(call.request, page)


lambda_handler, http = expose(
    list_integration_audit,
    "GET",
    "/api/v1/integrations/{integration_id}/audit",
    scope=AUDIT,
    query=PageQuery,
    answers={200: AuditPage},
    other_media_types=("application/x-ndjson",),
    problems=(404,),
    headers=("Link",),
)
