"""The vectors both extensions are run against agree with the schema, the table of findings, and with themselves."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from tests.architecture.house import ROOT
from tests.support.stella_yaml import API, SCHEMA, load, refused

FINDINGS = json.loads((API / "findings.json").read_text())
TABLE = {one["code"]: one for one in FINDINGS["findings"]}
VECTORS = {path.stem: json.loads(path.read_text()) for path in (API / "vectors").glob("*.json")}
DOCUMENTS = VECTORS["stella-yaml"]
PLATFORM = yaml.safe_load((API / "platform.openapi.yaml").read_text())
each_case = pytest.mark.parametrize("case", DOCUMENTS["cases"], ids=lambda case: case["name"])

NAMES = {"release": "releases", "environment": "environments", "integration": "integrations"}


def text_of(case: dict[str, Any]) -> str:
    return str(case.get("eol", "\n").join(case["lines"]))


def offset(case: dict[str, Any], place: dict[str, int]) -> int:
    """Return where a place is, in bytes of UTF-16, of which each code unit has two."""
    before = case["lines"][: place["line"]]
    ends = len(case.get("eol", "\n")) * len(before)
    return 2 * (sum(len(line.encode("utf-16-le")) // 2 for line in before) + ends + place["character"])


def covered(case: dict[str, Any], span: dict[str, Any]) -> str:
    raw = text_of(case).encode("utf-16-le")
    return raw[offset(case, span["start"]) : offset(case, span["end"])].decode("utf-16-le")


def fixed(case: dict[str, Any], edit: dict[str, Any]) -> str:
    raw, span = text_of(case).encode("utf-16-le"), edit["range"]
    new = edit["newText"].encode("utf-16-le")
    return (raw[: offset(case, span["start"])] + new + raw[offset(case, span["end"]) :]).decode("utf-16-le")


def known(case: dict[str, Any], kind: str) -> Any:
    return case.get("known", DOCUMENTS["known"])[NAMES[kind]]


def distance(one: str, other: str) -> int:
    """Levenshtein, without regard to case."""
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one.lower(), 1):
        diagonal, row[0] = row[0], n
        for m, its in enumerate(other.lower(), 1):
            diagonal, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, diagonal + (letter != its))
    return row[-1]


def close(written: str, candidates: list[str]) -> list[str]:
    near = [(distance(written, one), n, one) for n, one in enumerate(candidates)]
    return [one for far, _, one in sorted(near) if far <= 2 and far < len(written)][:3]


def test_every_code_has_a_vector_and_every_finding_its_row() -> None:
    found = [finding for case in DOCUMENTS["cases"] for finding in case["findings"]]
    assert {finding["code"] for finding in found} == TABLE.keys()
    assert {fix["fix"] for finding in found for fix in finding["fixes"]} == FINDINGS["fixes"].keys()
    for finding in found:
        row = TABLE[finding["code"]]
        assert (finding["severity"], finding["messageKey"]) == (row["severity"], row["messageKey"])
        assert {fix["fix"] for fix in finding["fixes"]} <= set(row["fixes"])
        if "arguments" in finding:
            assert len(finding["arguments"]) == len(row["arguments"])
            assert all(f"{{{n}}}" in row["message"] for n in range(len(row["arguments"])))


@each_case
def test_ranges_cover_what_they_say_in_the_order_of_the_text(case: dict[str, Any]) -> None:
    placed = [one for one in case["findings"] if "range" in one]
    for one in [*placed, *case.get("names", [])]:
        assert covered(case, one["range"]) == one["covers"]
    for list_ in (placed, case.get("names", [])):
        begins = [offset(case, one["range"]["start"]) for one in list_]
        assert begins == sorted(begins)


@each_case
def test_the_schema_finds_the_same(case: dict[str, Any]) -> None:
    codes = [finding["code"] for finding in case["findings"]]
    if "yaml-syntax" in codes:
        assert codes == ["yaml-syntax"]
        with pytest.raises(yaml.YAMLError) as broken:
            load(text_of(case))
        assert broken.value.problem_mark.line == case["findings"][0]["line"]
        return
    if "duplicate-key" in codes:
        return  # PyYAML reads it without a word
    assert refused(load(text_of(case))) == sorted(code for code in codes if code.removeprefix("unknown-") not in NAMES)


@each_case
def test_a_name_is_unknown_when_the_servers_do_not_list_it(case: dict[str, Any]) -> None:
    for finding in case["findings"]:
        kind = finding["code"].removeprefix("unknown-")
        if kind in NAMES:
            written = finding["arguments"][0]
            assert known(case, kind) is not None
            assert written not in known(case, kind)
            offered = [fix["arguments"][0] for fix in finding["fixes"] if fix["fix"] == "replace"]
            assert offered == close(written, known(case, kind))
    unknown = {one["arguments"][0] for one in case["findings"] if one["code"].removeprefix("unknown-") in NAMES}
    for one in case.get("names", []):
        assert (one["name"] in unknown) == (one["name"] not in known(case, one["kind"]))


@each_case
def test_a_fix_repairs_what_it_is_for_and_nothing_else(case: dict[str, Any]) -> None:
    for finding in case["findings"]:
        for fix in finding["fixes"]:
            if "edit" not in fix:
                assert fix["fix"] == "refresh"
                continue
            repaired = load(fixed(case, fix["edit"]))
            before, after = refused(load(text_of(case))), refused(repaired)
            if finding["code"] in before:
                before.remove(finding["code"])
            assert after == before
            if fix["fix"] in {"replace", "rename-key"}:
                assert json.dumps(fix["arguments"][0]) in json.dumps(repaired)


def test_the_schema_is_sound_and_every_key_has_its_words_and_an_example() -> None:
    Draft7Validator.check_schema(SCHEMA)

    def walk(node: dict[str, Any], path: str) -> None:
        assert node.get("title"), path
        assert node.get("description"), path
        assert "const" in node or "items" not in node or node.get("examples"), path
        for example in node.get("examples", []):
            assert list(Draft7Validator(node).iter_errors(example)) == [], path
        for name, child in node.get("properties", {}).items():
            walk(child, f"{path}/{name}")
        if "items" in node:
            walk(node["items"], f"{path}/*")

    walk(SCHEMA, "")
    assert "$ref" not in json.dumps({name: value for name, value in SCHEMA.items() if name != "$comment"})


def test_the_sample_is_valid() -> None:
    assert refused(load((ROOT / "extensions" / "sample" / "stella.yaml").read_text())) == []


@pytest.mark.parametrize("case", VECTORS["answers"]["cases"], ids=lambda case: case["name"])
def test_what_is_called_an_answer_is_one_by_the_document(case: dict[str, Any]) -> None:
    operations = {one["operationId"]: one for item in PLATFORM["paths"].values() for one in item.values()}
    assert case["operation"] in operations
    if case["expect"]["kind"] == "ok" and case.get("documented", True):
        answer = operations[case["operation"]]["responses"]["200"]["content"]["application/json"]["schema"]
        assert list(Draft202012Validator({**PLATFORM, **answer}).iter_errors(json.loads(case["body"]))) == []


def test_statuses_are_those_of_the_document() -> None:
    schemas = PLATFORM["components"]["schemas"]
    for kind, schema in (("promotion", "Promotion"), ("release", "Release")):
        documented = schemas[schema]["properties"]["status"]["x-extensible-enum"]
        assert [one["status"] for one in VECTORS["statuses"][kind]] == documented
        unlisted = [one["status"] for one in VECTORS["statuses"]["unknown"] if one["of"] == kind]
        assert not set(unlisted) & set(documented)
