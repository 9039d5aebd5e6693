"""What a function carries is what every deployment needs: clients of single secret backends are extras."""

import re
import tomllib

from tests.architecture.house import ROOT

PROJECT = tomllib.loads((ROOT / "shared" / "pyproject.toml").read_text())["project"]


def names(lines: list[str]) -> set[str]:
    return {re.split(r"[\[=<>~!; ]", line)[0] for line in lines if re.match(r"[a-z]", line)}


def locked(file: str) -> set[str]:
    return names((ROOT / file).read_text().splitlines())


def test_no_function_carries_a_client_of_one_secret_backend() -> None:
    carried = locked("requirements.txt")

    assert names(PROJECT["dependencies"]) <= carried
    assert not [one for one in carried if one.startswith(("azure-", "boto", "google-", "grpc", "msal"))]


def test_the_tests_have_every_extra() -> None:
    extras = set().union(*(names(needed) for needed in PROJECT["optional-dependencies"].values()))

    assert extras <= locked("requirements-dev.txt")
