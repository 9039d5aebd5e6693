"""POST /api/v1/integrations/settings/alert-test: send one test event now and tell what each channel said."""

from __future__ import annotations

from integrations_hub import bootstrap
from integrations_hub.tenants.views import AlertTestView
from integrations_hub.web import ADMIN, Call, NoBody, NoQuery, Response, expose, json_answer


def test_alert_route(call: Call[NoQuery, NoBody]) -> Response:
    """Send one test event by every alert route, whatever its filters; 200 whether or not it arrived."""
    return json_answer(200, bootstrap.tenants().test_alert_route(call.caller))


lambda_handler, http = expose(
    test_alert_route,
    "POST",
    "/api/v1/integrations/settings/alert-test",
    scope=ADMIN,
    answers={200: AlertTestView},
    problems=(429,),
)
