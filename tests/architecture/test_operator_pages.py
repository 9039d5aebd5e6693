"""The operator's pages: every command is run by a test, but for a marked few that need what is not here."""

import re

import pytest

from tests.support.pages import DOCS, blocks

PAGES = sorted(path.name for path in DOCS.glob("*.md"))
NEEDS = {"", "needs-aws", "needs-cluster", "needs-docker"}
RUN_BY = {
    "deploy-aws.md": "tests/deployment/test_deploy_commands.py",
    "deploy-knative.md": "tests/contract/knative/test_deploy_page.py",
    "local-aws.md": "tests/deployment/test_invoke.py",
}
TOOL = re.compile(r"^ {4}(?:\$ )?(?:aws|curl|docker|kubectl|kustomize|make|pg_\w+|podman|psql|sam)\b", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_a_command_stands_in_a_block_that_says_whether_it_was_run(page: str) -> None:
    text = (DOCS / page).read_text()
    assert {block.needs for block in blocks(page)} <= NEEDS
    assert len(re.findall(r"^```(?:sh|bash|shell|console)\b", text, re.MULTILINE)) == len(blocks(page))
    assert not TOOL.findall(text)


def test_the_pages_with_commands_that_are_run_have_a_test_that_reads_them() -> None:
    assert {page for page in PAGES if any(not block.needs for block in blocks(page))} == set(RUN_BY)
    for page, file in RUN_BY.items():
        assert f'blocks("{page}")' in (DOCS.parents[1] / file).read_text()


def test_at_most_a_third_of_the_commands_was_not_run() -> None:
    all_of_them = [(block.needs, command) for page in PAGES for block in blocks(page) for command in block.commands]
    marked = [command for needs, command in all_of_them if needs]
    print(f"{len(marked)} of {len(all_of_them)} commands are marked")  # noqa: T201 - with pytest -s
    assert 3 * len(marked) <= len(all_of_them), marked
