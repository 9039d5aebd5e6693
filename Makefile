# One command each; `make` alone lists them. Written for GNU make 3.81 (macOS) and 4 (Debian); all paths are
# relative, so that the checkout may lie under a folder whose name holds spaces.

.DEFAULT_GOAL := help
.PHONY: help setup run aws-local invoke localstack ide-demo token harbor-down harbor-up tools test check format lock sql openapi dashboards rights knative layers sam benchmarks benchmark-sweep clean
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python3.14 python; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
PORT ?= 8700
PLATFORM_PORT ?= 8710
EDITOR_PORT ?= 8720
DATA_DIR ?= .hub
DEMO ?= yes
TENANT ?= demo
SCOPES ?=
PYTEST_ARGS ?=
WORKERS ?= 2
LAYERS ?=
FUNCTION ?= list_integrations
EVENT ?=
LOCALSTACK_PYTHON ?= python3.13
SAM ?= sam
ARCHITECTURE ?= arm64
BUILD_DIR ?= .aws-sam/build
MAKE_FLAGS ?=

VENV_PYTHON := .venv/bin/python
LOCAL := exec env PYTHONPATH=infra $(VENV_PYTHON) -m local.runner --data-dir "$(DATA_DIR)"
PROJECTS := $(wildcard shared/pyproject.toml connectors/*/pyproject.toml)
EDITABLE := $(foreach project,$(PROJECTS),-e ./$(dir $(project)))
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --no-annotate
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check --quiet --quiet

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

setup: .venv/ready-to-run ## make .venv and install what `make run` needs, pinned and hashed

run: .venv/ready-to-run ## start the hub on 127.0.0.1 (PORT=8700 DATA_DIR=.hub DEMO=yes TENANT=demo); Ctrl-C stops it
	@$(LOCAL) run --port "$(PORT)" --demo "$(DEMO)" --tenant "$(TENANT)"

ide-demo: .venv/ready-to-run ## start the hub, a small platform and VS Code in a browser (PORT=8700 PLATFORM_PORT=8710 EDITOR_PORT=8720); Ctrl-C stops all
	@exec env PYTHONPATH=infra:extensions $(VENV_PYTHON) -m devserver.ide_demo --data-dir "$(DATA_DIR)" \
	  --port "$(PORT)" --platform-port "$(PLATFORM_PORT)" --editor-port "$(EDITOR_PORT)" --tenant "$(TENANT)"

aws-local: .venv/ready-to-test ## deploy the SAM stack to an emulator on 127.0.0.1 and print a call (TENANT=demo; make tools first); Ctrl-C stops it
	@exec env PYTHONPATH=infra $(VENV_PYTHON) -m local.aws --tenant "$(TENANT)"

invoke: .venv/ready-to-test ## invoke one built function under Lambda's own runtime (FUNCTION=list_integrations EVENT=file.json)
	@exec env PYTHONPATH=infra $(VENV_PYTHON) -m local.aws.invoke "$(FUNCTION)" $(if $(EVENT),"$(EVENT)")

localstack: .venv/ready-to-test ## run the tests of the AWS adapters against LocalStack, without Docker (Linux; the first time 400 MB)
	@HUB_TEST_AWS=http://127.0.0.1:4566 sh tests/tools/localstack/run.sh .venv/bin/uv "$(LOCALSTACK_PYTHON)" $(VENV_PYTHON) -m pytest \
	  tests/integration/test_aws_secrets.py tests/integration/test_cloud_channels.py tests/integration/test_dispatch.py $(PYTEST_ARGS)

token: .venv/ready-to-run ## print a development token for the running hub (TENANT=demo SCOPES="integration:read ...")
	@$(LOCAL) token --tenant "$(TENANT)" --scopes "$(SCOPES)"

harbor-down: .venv/ready-to-run ## stop the simulated Harbor, to see an outage
	@$(LOCAL) harbor-down

harbor-up: .venv/ready-to-run ## start the simulated Harbor again, to see the recovery
	@$(LOCAL) harbor-up

tools: .venv/ready-to-test ## install the programs the tests need, by version, in your cache folder
	@sh tests/tools/install.sh

test: check tools ## everything: make check, then all tests (PYTEST_ARGS="-k name" WORKERS=2)
	$(VENV_PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile $(PYTEST_ARGS)

check: .venv/ready-to-test ## lint, types and architecture, without running the tests
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	PYTHONPATH=extensions .venv/bin/lint-imports

format: .venv/ready-to-test ## write the code as the linter wants it
	$(VENV_PYTHON) -m ruff check --fix .
	$(VENV_PYTHON) -m ruff format .

lock: .venv/ready-to-test ## write the pinned requirements again, the hub's and its tools'
	$(LOCK) -o requirements.txt shared/pyproject.toml
	$(LOCK) -c requirements.txt -o requirements-local.txt shared/pyproject.toml --group local
	$(LOCK) -c requirements-local.txt -o requirements-dev.txt shared/pyproject.toml --all-extras --group dev
	$(filter-out --universal,$(LOCK)) --exclude-newer 2026-03-01 -o tests/tools/localstack/requirements.txt tests/tools/localstack/requirements.in
	for tool in sam checkov ministack awscli lambda-runtime code-server; do $(LOCK) -o tests/tools/$$tool/requirements.txt tests/tools/$$tool/requirements.in || exit 1; done

sql: .venv/ready-to-test ## write the SQL statements of the storage room again
	$(VENV_PYTHON) -m integrations_hub.storage.compile_statements

openapi: .venv/ready-to-test ## write the OpenAPI document from the functions
	PYTHONPATH=infra $(VENV_PYTHON) -m local.openapi

knative: .venv/ready-to-test ## write what of the Knative manifests follows from the functions and connectors
	PYTHONPATH=infra $(VENV_PYTHON) -m knative

rights: .venv/ready-to-test ## write who may do what on AWS and in the database (infra/docs/rights.md)
	PYTHONPATH=.:infra $(VENV_PYTHON) -m tests.deployment.rights_page

dashboards: .venv/ready-to-test ## write the dashboards of Grafana and CloudWatch from infra/observability/panels.json
	PYTHONPATH=infra $(VENV_PYTHON) -m observability

layers: .venv/ready-to-run ## build each wheel as a Lambda layer in build/layers (LAYERS="harbor" MAKE_FLAGS="--make ARCH=aarch64")
	PYTHONPATH=infra $(VENV_PYTHON) -m layers $(MAKE_FLAGS) $(LAYERS)

sam: .venv/ready-to-test ## build the stack for AWS with `sam build` and print the sizes (ARCHITECTURE=arm64)
	@command -v "$(SAM)" >/dev/null || { echo "sam was not found. Install the AWS SAM CLI, or name it: make sam SAM=/path/to/sam" >&2; exit 1; }
	ARCH=$(if $(filter arm64,$(ARCHITECTURE)),aarch64,$(ARCHITECTURE)) SAM_CLI_TELEMETRY=0 "$(SAM)" build --build-dir "$(BUILD_DIR)"
	PYTHONPATH=infra $(VENV_PYTHON) -m aws.sizes "$(BUILD_DIR)"

benchmarks: .venv/ready-to-test ## measure what tests/benchmarks measures
	PYTHONPATH=.:infra $(VENV_PYTHON) -m tests.benchmarks

benchmark-sweep: .venv/ready-to-test ## measure the sweep: pipeline, sustained load, claims (some minutes)
	PYTHONPATH=.:infra $(VENV_PYTHON) -m tests.benchmarks.sweep

clean: ## remove what the tools made; .hub, which holds your data, stays
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .aws-sam
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
