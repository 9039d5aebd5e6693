"""`make invoke`, as local-aws.md has it: the answer of one built function, and nothing else, on standard output."""

import json
import os
import subprocess

import pytest

from tests.support.pages import blocks
from tests.support.sam import ROOT

COMMANDS = [command for block in blocks("local-aws.md") if not block.needs for command in block.commands]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_built_function_answers_its_event(lambda_tools: None, command: str) -> None:
    program, target, *variables = command.split()
    assert (program, target) == ("make", "invoke")
    environment = {**os.environ, "PIP_FLAGS": "--no-build-isolation --no-index"}  # the hub's own wheels need no network
    done = subprocess.run(
        ["make", "--silent", target, *variables],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer.get("statusCode") == 200 if "list_integrations" in command else answer["batchItemFailures"]
