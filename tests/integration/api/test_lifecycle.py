"""An integration's life over HTTP: registered, read, changed, checked, used, deleted and restored."""

from __future__ import annotations

from tests.support.hub import Client, draft


def test_what_is_created_can_be_read_where_location_says(me: Client) -> None:
    # When
    made = me.call("POST", json=draft("Main Registry"))
    read = me.hub.call("GET", made.headers["location"], token=me.token)
    # Then
    assert made.status == 201
    assert read.status == 200
    assert made.json()["id"] in made.headers["location"]
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"]


def test_a_known_answer_is_not_sent_again(me: Client) -> None:
    # Given
    path = f"/{me.register()['id']}"
    tag = me.call("GET", path).headers["etag"]
    # When
    again = me.call("GET", path, headers={"If-None-Match": f'"other", {tag}'})
    weak = me.call("GET", path, headers={"If-None-Match": f"W/{tag}"})
    changed = me.call("GET", path, headers={"If-None-Match": '"1.00000000"'})
    # Then
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert weak.status == 304
    assert changed.status == 200


def test_a_change_is_made_to_the_version_that_was_read(me: Client) -> None:
    # Given
    path = f"/{me.register()['id']}"
    tag = me.call("GET", path).headers["etag"]
    # When
    first = me.call("PUT", path, json=draft("renamed"), headers={"If-Match": tag})
    second = me.call("PUT", path, json=draft("renamed again"), headers={"If-Match": tag})
    # Then
    assert (first.status, first.json()["version"], first.json()["name"]) == (200, 2, "renamed")
    assert (second.status, second.json()["code"]) == (412, "precondition_failed")
    assert me.call("GET", path).json() == first.json()
    assert me.call("PUT", path, json=draft("by force"), headers={"If-Match": "*"}).status == 200
    assert me.call("DELETE", path, headers={"If-Match": tag}).status == 412


def test_times_are_answered_in_utc(me: Client) -> None:
    window = {"from": "2030-01-01T01:00:00+02:00", "until": "2030-01-01T02:00:00+02:00", "reason": "moving"}
    made = me.register(maintenance=[window])
    utc = {"from": "2029-12-31T23:00:00Z", "until": "2030-01-01T00:00:00Z", "reason": "moving"}
    assert [{name: one[name] for name in utc} for one in made["maintenance"]] == [utc]
    assert me.call("GET", f"/{made['id']}").json() == made


def test_a_quiet_time_has_an_owner_who_else_than_the_caller_must_be_named(me: Client) -> None:
    window = {"from": "2030-01-01T00:00:00Z", "until": "2030-01-01T02:00:00Z"}
    made = me.register("owned", maintenance=[window, {**window, "owner": "the registry team"}])
    assert [one["owner"] for one in made["maintenance"]] == [made_by(me), "the registry team"]
    assert me.call("GET", f"/{made['id']}").json()["maintenance"] == made["maintenance"]


def made_by(me: Client) -> str:
    return str(me.call("GET", "/audit").json()["items"][0]["actor"])


def test_a_check_makes_a_new_tag_and_spoils_no_change(me: Client) -> None:
    # Given
    path = f"/{me.register()['id']}"
    before = me.call("GET", path)
    # When
    check = me.call("POST", f"{path}/health-check")
    after = me.call("GET", path)
    # Then
    assert (check.status, check.json()["status"], after.json()["status"]) == (200, "healthy", "healthy")
    assert after.headers["etag"] != before.headers["etag"]
    assert after.headers["etag"].split(".")[0] == before.headers["etag"].split(".")[0]
    assert me.call("PUT", path, json=draft("renamed"), headers={"If-Match": before.headers["etag"]}).status == 200


def test_new_config_makes_it_unknown_and_the_sweep_finds_out(me: Client) -> None:
    # Given
    path = f"/{me.register()['id']}"
    me.call("POST", f"{path}/health-check")
    # When
    changed = me.call("PUT", path, json=draft(config={"script": [{"do": "unhealthy", "reason": "suspended"}]}))
    me.hub.sweep()
    # Then
    assert changed.json()["status"] == "unknown"
    assert me.call("GET", path).json()["status"] == "unhealthy"
    health = me.call("GET", f"{path}/health").json()
    assert [entry["status"] for entry in health["history"]] == ["unhealthy", "healthy"]
    assert health["latest"]["steps"][-1]["remedy"]


def test_who_reads_it_by_type_keeps_it_from_being_deleted(me: Client) -> None:
    # Given
    one = me.register()
    reader = me.hub.client(tenant_of(me), subject="pipeline")
    # When
    read = reader.call("GET", "/by-type/in-memory")
    refused = me.call("DELETE", f"/{one['id']}")
    # Then
    assert [item["id"] for item in read.json()["items"]] == [one["id"]]
    assert [item["consumer"] for item in me.call("GET", f"/{one['id']}/dependents").json()["items"]] == ["pipeline"]
    assert (refused.status, refused.json()["code"]) == (409, "in_use")
    assert [item["consumer"] for item in refused.json()["dependents"]] == ["pipeline"]
    assert me.call("GET", f"/{one['id']}").status == 200


def test_the_only_reader_may_delete_it(me: Client) -> None:
    one = me.register()
    me.call("GET", "/by-type/in-memory")
    assert me.call("DELETE", f"/{one['id']}").status == 204


def test_a_304_of_by_type_counts_as_reading(me: Client) -> None:
    # Given
    one = me.register()
    tag = me.call("GET", "/by-type/in-memory").headers["etag"]
    other = me.hub.client(tenant_of(me), subject="cached")
    # When
    answer = other.call("GET", "/by-type/in-memory", headers={"If-None-Match": tag})
    # Then
    assert answer.status == 304
    consumers = {item["consumer"] for item in me.call("GET", f"/{one['id']}/dependents").json()["items"]}
    assert consumers == {"portal", "cached"}


def test_deleted_means_gone_until_restored(me: Client) -> None:
    # Given
    one = me.register("kept")
    path = f"/{one['id']}"
    me.hub.client(tenant_of(me), subject="pipeline").call("GET", "/by-type/in-memory")
    # When
    forced = me.call("DELETE", f"{path}?force=true")
    # Then
    assert (forced.status, forced.body) == (204, b"")
    for method, below in (("GET", ""), ("DELETE", ""), ("GET", "/health"), ("GET", "/dependents")):
        assert me.call(method, path + below).status == 404
    assert me.call("GET").json()["items"] == []
    assert [item["id"] for item in me.call("GET", "?deleted=true").json()["items"]] == [one["id"]]
    # When
    restored = me.call("POST", f"{path}/restore")
    # Then
    assert (restored.status, restored.json()["status"], restored.json()["deletedAt"]) == (200, "unknown", None)
    assert me.call("POST", f"{path}/restore").status == 404
    trail = [entry["action"] for entry in me.call("GET", f"{path}/audit").json()["items"]]
    assert trail == [f"integration.{action}" for action in ("created", "deleted", "restored")]


def test_a_name_taken_since_keeps_it_deleted(me: Client) -> None:
    # Given
    one = me.register("wanted")
    me.call("DELETE", f"/{one['id']}")
    me.register("WANTED")
    # When
    refused = me.call("POST", f"/{one['id']}/restore")
    # Then
    assert (refused.status, refused.json()["code"]) == (409, "name_taken")
    assert me.call("POST", json=draft("Wanted")).status == 409


def test_all_pages_together_are_the_list_whatever_the_page_size(me: Client) -> None:
    # Given
    names = [f"{word} {nth}" for nth in range(4) for word in ("beta", "Alpha", "\u00e9mile")]
    for name in names:
        me.register(name)
    # When
    pages, query = [], "?page_size=5"
    while query:
        page = me.call("GET", query).json()
        pages.append([item["name"] for item in page["items"]])
        query = f"?page_size=5&page_token={page['nextPageToken']}" if page["nextPageToken"] else ""
    # Then
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [name for page in pages for name in page] == sorted(names, key=str.casefold)


def test_discovering_twice_changes_nothing(me: Client) -> None:
    assert me.call("POST", "/plugins/discover").json() == {"added": [], "changed": [], "removed": [], "rejected": {}}


def tenant_of(client: Client) -> str:
    tenant: str = client.call("GET", "/audit?page_size=1").json()["items"][0]["tenantId"]
    return tenant
