"""An OpenTelemetry collector on loopback: takes OTLP over HTTP, decodes it, and keeps what came."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.waiting import eventually

__all__ = ["Collector", "attributes_of", "collecting"]


class Collector:
    """What came, as protobuf messages and as raw bytes."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.metrics: dict[str, Any] = {}  # the latest of each name
        self.resources: list[Mapping[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.raw: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                collector.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Keep one request."""
        self.raw.append(body)
        self.headers.append(headers)
        if path == "/v1/traces":
            traces = ExportTraceServiceRequest.FromString(body)
            for of in traces.resource_spans:
                self.resources.append(attributes_of(of.resource))
                self.spans += [span for scope in of.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            for one in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                self.resources.append(attributes_of(one.resource))
                self.metrics |= {metric.name: metric for scope in one.scope_metrics for metric in scope.metrics}

    def span(self, name: str, **attributes: object) -> Any:
        """Wait for the first span of a name that has these attributes."""
        return eventually(
            lambda: next(
                (
                    one
                    for one in list(self.spans)
                    if one.name == name and attributes.items() <= attributes_of(one).items()
                ),
                None,
            )
        )


def attributes_of(message: Any) -> Mapping[str, Any]:
    """Return attributes of a span, an event, a resource or a data point as plain values."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in message.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Serve until left."""
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield collector
    finally:
        collector.server.shutdown()
        thread.join()
        collector.server.server_close()
