# One command each; `make` alone lists them. Written for GNU make 3.81 (macOS) and 4 (Debian); all paths are
# relative, so that the checkout may lie under a folder whose name holds spaces.

.DEFAULT_GOAL := help
.PHONY: help setup run token harbor-down harbor-up tools test check format lock sql openapi benchmarks clean
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python3.14 python; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
PORT ?= 8700
DATA_DIR ?= .hub
DEMO ?= yes
TENANT ?= demo
SCOPES ?=
PYTEST_ARGS ?=

VENV_PYTHON := .venv/bin/python
LOCAL := exec env PYTHONPATH=infra $(VENV_PYTHON) -m local.runner --data-dir "$(DATA_DIR)"
PROJECTS := $(wildcard shared/pyproject.toml connectors/*/pyproject.toml)
EDITABLE := $(foreach project,$(PROJECTS),-e ./$(dir $(project)))
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --no-annotate
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check --quiet --quiet

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: .venv/ready-to-run ## make .venv and install what `make run` needs, pinned and hashed

run: .venv/ready-to-run ## start the hub on 127.0.0.1 (PORT=8700 DATA_DIR=.hub DEMO=yes TENANT=demo); Ctrl-C stops it
	@$(LOCAL) run --port "$(PORT)" --demo "$(DEMO)" --tenant "$(TENANT)"

token: .venv/ready-to-run ## print a development token for the running hub (TENANT=demo SCOPES="integration:read ...")
	@$(LOCAL) token --tenant "$(TENANT)" --scopes "$(SCOPES)"

harbor-down: .venv/ready-to-run ## stop the simulated Harbor, to see an outage
	@$(LOCAL) harbor-down

harbor-up: .venv/ready-to-run ## start the simulated Harbor again, to see the recovery
	@$(LOCAL) harbor-up

tools: ## install what the tests need beside Python, by version, in your cache folder (the OpenAPI linter, with npm)
	@sh tests/tools/install.sh

test: check tools ## everything: make check, then all tests (PYTEST_ARGS="-k name")
	$(VENV_PYTHON) -m pytest $(PYTEST_ARGS)

check: .venv/ready-to-test ## lint, types and architecture, without running the tests
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	.venv/bin/lint-imports

format: .venv/ready-to-test ## write the code as the linter wants it
	$(VENV_PYTHON) -m ruff check --fix .
	$(VENV_PYTHON) -m ruff format .

lock: .venv/ready-to-test ## write the three requirements files from the pyproject files
	$(LOCK) -o requirements.txt shared/pyproject.toml
	$(LOCK) -c requirements.txt -o requirements-local.txt shared/pyproject.toml --group local
	$(LOCK) -c requirements-local.txt -o requirements-dev.txt shared/pyproject.toml --group dev

sql: .venv/ready-to-test ## write the SQL statements of the storage room again
	$(VENV_PYTHON) -m integrations_hub.storage.compile_statements

openapi: .venv/ready-to-test ## write the OpenAPI document from the functions
	PYTHONPATH=infra $(VENV_PYTHON) -m local.openapi

benchmarks: .venv/ready-to-test ## measure what tests/benchmarks measures
	PYTHONPATH=.:infra $(VENV_PYTHON) -m tests.benchmarks

clean: ## remove what the tools made; .hub, which holds your data, stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is not Python 3.11 or newer. Name another: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv || { echo "The virtual environment could not be made. On Debian: apt install python3-venv" >&2; exit 1; }
	@touch $@

.venv/ready-to-run: .venv/made requirements-local.txt $(PROJECTS)
	@echo "Installing what the hub needs (once; a minute or two)"
	@$(PIP) install --require-hashes -r requirements-local.txt
	@$(PIP) install --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

.venv/ready-to-test: .venv/ready-to-run requirements-dev.txt
	@echo "Installing what the tests need (once)"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
