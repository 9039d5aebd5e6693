"""The stack as its judges see it: SAM, CloudFormation's linter before and after SAM's work, and checkov."""

import json
import re
from pathlib import Path

import pytest

from aws.template import read_template
from tests.support.sam import ROOT, TEMPLATE, processed, run_tool

NESTED = [
    str(ROOT / one["Properties"]["TemplateURL"])
    for one in read_template(TEMPLATE)["Resources"].values()
    if one["Type"] == "AWS::CloudFormation::Stack"
]
SKIPS = (ROOT / "infra" / "aws" / "checkov.yaml").read_text()
# SAM's own: it names the batch form of two SQS actions; and our nested stacks, whose files `sam deploy` uploads
BY_SAM = "W3037,W3002"


@pytest.fixture(scope="module")
def after_sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write what SAM makes of the template: a wrong !GetAtt inside an event shows here only."""
    path = tmp_path_factory.mktemp("processed") / "template.json"
    path.write_text(json.dumps(processed()))
    return path


def test_sam_finds_the_template_valid() -> None:
    done = run_tool("sam", "sam", "validate", "--lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout


def test_cloudformation_finds_what_sam_makes_of_it_valid(after_sam: Path) -> None:
    done = run_tool("sam", "cfn-lint", "--ignore-checks", BY_SAM, "--template", str(after_sam))
    assert (done.returncode, done.stdout) == (0, "")


def test_cloudformation_finds_the_nested_stacks_valid() -> None:
    done = run_tool("sam", "cfn-lint", "--template", *NESTED)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_linter_sees_a_wrong_attribute_inside_an_event(tmp_path: Path) -> None:
    broken = json.dumps(processed()).replace('["EventsQueue", "Arn"]', '["EventsQueue", "Nonsense"]')
    path = tmp_path / "template.json"
    path.write_text(broken)
    done = run_tool("sam", "cfn-lint", "--ignore-checks", BY_SAM, "--template", str(path))
    assert "Nonsense" in done.stdout


def test_checkov_finds_nothing_but_what_is_left_out_on_purpose(after_sam: Path) -> None:
    files = [flag for path in (str(after_sam), *NESTED) for flag in ("--file", path)]
    config = ("--config-file", "infra/aws/checkov.yaml")
    done = run_tool(
        "checkov", "checkov", "--skip-download", "--framework", "cloudformation", "--output", "json", *config, *files
    )
    report = json.loads(done.stdout)
    assert [f"{one['check_id']} {one['resource']}" for one in report["results"]["failed_checks"]] == []
    assert report["summary"]["passed"] > 400
    assert report["summary"]["parsing_errors"] == 0


def test_what_checkov_leaves_out_has_a_reason_each() -> None:
    lines = re.findall(r"^  - CKV\w*_\d+(.*)$", SKIPS, re.MULTILINE)
    assert 0 < len(lines) <= 12
    assert all(re.match(r" # .{20,}", reason) for reason in lines)


def test_another_release_publishes_every_function_anew() -> None:
    versions = [one for one in processed()["Resources"].values() if one["Type"] == "AWS::Lambda::Version"]
    functions = [one for one in read_template(TEMPLATE)["Resources"].values() if one["Type"].endswith("::Function")]
    assert len(versions) == len(functions)
    assert all("Release" in json.dumps(one["Properties"]["Description"]) for one in versions)
    # and AWS makes another version of one whose description changes, in place of changing it
    ask = (
        "from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as schemas; "
        "print(*schemas.get_resource_schema('eu-central-1', 'AWS::Lambda::Version').schema['createOnlyProperties'])"
    )
    assert "/properties/Description" in run_tool("sam", "python", "-c", ask).stdout.split()
