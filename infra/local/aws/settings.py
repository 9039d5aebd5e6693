"""What functions are given when they are invoked alone: a PostgreSQL of their own, and queues that are nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from integrations_hub.storage.migrate import migrate
from local.postgres import EmbeddedPostgres

__all__ = ["database_urls", "settings_alone"]

LOGINS = {
    "DATABASE_URL": "hub_api",
    "WORKER_DATABASE_URL": "hub_worker",
    "MAINTENANCE_DATABASE_URL": "hub_maintenance",
}
_NOWHERE = "http://127.0.0.1:9/000000000000"
_ALONE = {
    "LOG_LEVEL": "INFO",
    "RECEIPT_KEY": "an obviously fake receipt key 01",
    "SECRET_BACKENDS": "{}",
    "CHECK_QUEUE_URL": f"{_NOWHERE}/checks-{{type}}",
    "EVENT_KICK_QUEUE_URL": f"{_NOWHERE}/events",
    "EVENT_SNS_TOPIC_ARN": "arn:aws:sns:eu-central-1:000000000000:nowhere",
    "CONNECTOR_FUNCTION": "nowhere-run-connector-{type}",
    "CONNECTOR_TYPES": "harbor",
}


@contextmanager
def settings_alone(folder: Path) -> Iterator[Mapping[str, str]]:
    """Start a migrated PostgreSQL in a folder, and yield settings by the name of their variable."""
    with EmbeddedPostgres(folder) as server:
        yield {**_ALONE, **database_urls(server)}


def database_urls(server: EmbeddedPostgres) -> Mapping[str, str]:
    """Migrate, give the roles passwords (on AWS they have none, and log in by IAM), and return how each connects."""
    owner = server.bootstrap_cluster()
    passwords = {role: server.password(role) for role in LOGINS.values()}
    migrate(owner, passwords=passwords)
    urls = {variable: server.dsn(role, passwords[role]) for variable, role in LOGINS.items()}
    return {**urls, "OWNER_DATABASE_URL": owner}
