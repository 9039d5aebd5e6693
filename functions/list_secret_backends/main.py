"""GET /api/v1/integrations/secret-backends: the deployment's secret backends, and which of them answer."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.catalog.secret_backend_views import SecretBackendsView
from integrations_hub.web import ADMIN, Call, NoBody, NoQuery, Response, expose, json_answer


def list_secret_backends(_call: Call[NoQuery, NoBody]) -> Response:
    """List the secret backends an AuthRef may name."""
    return json_answer(200, bootstrap.secret_backends().list_secret_backends())


lambda_handler, http = expose(
    list_secret_backends,
    "GET",
    "/api/v1/integrations/secret-backends",
    scope=ADMIN,
    answers={200: SecretBackendsView},
)
