"""Who may do what: the page is true, what it leaves out is refused, and the promises about secrets hold."""

import psycopg
import pytest
from psycopg import errors

from tests.deployment.rights import rights_of
from tests.deployment.rights_page import PAGE, page
from tests.deployment.table_rights import ROLES, table_rights
from tests.support.sam import processed

CONFIG = {"config_json", "auth_ref_uri", "name", "name_key", "type", "tags", "target", "tenant_id"}


def is_connector(function: str) -> bool:
    return function.startswith("RunConnector")


def test_the_page_is_what_the_template_and_the_database_say(database) -> None:
    with database.connect("postgres") as admin:
        assert PAGE.read_text() == page(admin), "make rights"


@pytest.mark.parametrize("role", ROLES)
def test_whatever_a_role_is_not_granted_is_refused(database, role: str) -> None:
    with database.connect("postgres") as admin:
        forbidden = [text for one in table_rights(admin) if one.role == role for text in one.forbidden()]
    assert len(forbidden) > 100
    done = []
    with database.connect(role) as attacker:
        for text in forbidden:
            try:
                with attacker.transaction(force_rollback=True):
                    attacker.execute(text)
            except errors.InsufficientPrivilege:
                continue
            except psycopg.Error as other:
                done.append(f"{text}: {type(other).__name__}")
            else:
                done.append(text)
    assert done == []


def test_the_connectors_role_cannot_write_the_catalogues_config(database) -> None:
    roles = {role for name, one in rights_of(processed()).items() if is_connector(name) for role in one.of("database")}
    assert roles == {"hub_worker"}
    with database.connect("postgres") as admin:
        (integrations,) = [
            one for one in table_rights(admin) if (one.role, one.table) == ("hub_worker", "integrations")
        ]
    assert set(integrations.columns) >= CONFIG
    assert not CONFIG & {*integrations.insert, *integrations.update}
    assert not integrations.delete


def test_only_connectors_read_providers_secrets() -> None:
    reading = {name: one.of("reads secrets") for name, one in rights_of(processed()).items()}
    assert {name for name, secrets in reading.items() if secrets == {"hub/*"}} == set(filter(is_connector, reading))
    assert {name: secrets for name, secrets in reading.items() if secrets and not is_connector(name)} == {
        "DeliverEventsFunction": {"hub-alerts/*"},
        "TestAlertRouteFunction": {"hub-alerts/*"},
    }


def test_only_connectors_and_who_delivers_alerts_reach_the_outside() -> None:
    outside = {name for name, one in rights_of(processed()).items() if one.outside and not is_connector(name)}
    assert outside == {"DeliverEventsFunction", "TestAlertRouteFunction"}


def test_a_connector_hears_of_its_own_queue_only_and_calls_nobody() -> None:
    connectors = {name: one for name, one in rights_of(processed()).items() if is_connector(name)}
    assert len(connectors) == 4
    for name, rights in connectors.items():
        (queue,) = rights.of("receives from")
        own = queue.removeprefix("<stack>-checks-").replace("-", "")
        assert name == f"RunConnector{name[12:-8]}Function"
        assert name[12:-8].lower() == own
        assert rights.of("calls") == rights.of("publishes to") == set()
        assert rights.of("sends to") == {"EventsQueue"}


def test_no_function_may_do_everything_to_anything() -> None:
    for rights in rights_of(processed()).values():
        assert "*" not in {thing for things in rights.may.values() for thing in things}
