"""HTTP without a framework: what a function needs to answer requests on Lambda and on functions-framework alike.

Importing it opens nothing and imports no server, no cryptography and no HTTP client: it is part of every cold start.
"""

from __future__ import annotations

from integrations_hub.caller import Caller
from integrations_hub.pagination import page_token, read_page_token
from integrations_hub.web.call import Call
from integrations_hub.web.connector_calls import expose_connector
from integrations_hub.web.entity import document, entity, page_answer
from integrations_hub.web.etags import etag, if_match_version, if_none_match
from integrations_hub.web.expose import expose
from integrations_hub.web.idempotency import idempotency_key
from integrations_hub.web.jobs import JobEvent, expose_job
from integrations_hub.web.messages import Request, Response, json_answer
from integrations_hub.web.probes import ProbeView
from integrations_hub.web.routing import NoBody, NoQuery, Route
from integrations_hub.web.scopes import ADMIN, AUDIT, OPERATE, PLATFORM, READ, WRITE

__all__ = [
    "ADMIN",
    "AUDIT",
    "OPERATE",
    "PLATFORM",
    "READ",
    "WRITE",
    "Call",
    "Caller",
    "JobEvent",
    "NoBody",
    "NoQuery",
    "ProbeView",
    "Request",
    "Response",
    "Route",
    "document",
    "entity",
    "etag",
    "expose",
    "expose_connector",
    "expose_job",
    "idempotency_key",
    "if_match_version",
    "if_none_match",
    "json_answer",
    "page_answer",
    "page_token",
    "read_page_token",
]
