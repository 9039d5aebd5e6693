"""DELETE /api/v1/integrations/{integration_id}: delete softly; refused while other programs read it."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.views import DeleteQuery
from integrations_hub.web import WRITE, Call, NoBody, Response, expose, if_match_version


def delete_integration(call: Call[DeleteQuery, NoBody]) -> Response:
    """Delete an integration; `POST …/restore` brings it back."""
    bootstrap.catalog().delete_integration(
        call.caller, call.integration_id, force=call.query.force, if_version=if_match_version(call.request)
    )
    return Response(204)


lambda_handler, http = expose(
    delete_integration,
    "DELETE",
    "/api/v1/integrations/{integration_id}",
    scope=WRITE,
    query=DeleteQuery,
    answers={204: None},
    problems=(404, 409, 412),
    request_headers=("If-Match",),
)
