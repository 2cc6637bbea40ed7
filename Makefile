# Everything runs in a private .venv; a second call finds it ready. `make` alone lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
SHELL  := /bin/bash
JOBS   ?= 3
PYTHONS ?= 3.12 3.13
SPREAD := -n $(JOBS) --dist loadscope --no-loadscope-reorder

# The tests start hundreds of programs: each of them reads compiled modules instead of compiling them.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint format types imports pytest test-pythons bench bench-quick faults fuzz proto dashboards clean browser dev test-cluster test-runtimes test-stacks capacity lock third-party

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@echo "· creating $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=…"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qqy python3-venv && $(PYTHON) -m venv $(VENV); } \
	  || { echo "python3 cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 2; }

$(VENV)/.service: pyproject.toml | $(BIN)/python
	@echo "· installing the service (once)"
	@$(PIP) install -e ".[collector,embedded]"
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.service
	@echo "· installing the development tools (once)"
	@$(PIP) install -e ".[collector,embedded,grpc,dev]"
	@touch $@

run: $(VENV)/.service  ## set everything up, then start the demo (ARGS=… are its options)
	@$(BIN)/botlogs demo $(ARGS)

dev: $(VENV)/.dev  ## set up the development environment

browser:
	@command -v chromium >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then echo "· installing Chromium from the system's packages"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qqy --no-install-recommends chromium fonts-dejavu-core >/dev/null; \
	else echo "· no Chromium and not root: the browser tests will be skipped (install the package chromium)"; fi

test: dev browser lint pytest  ## set everything up, then everything that CI runs

lint: $(VENV)/.dev  ## format check, lint, strict types, import rules, generated code
	@echo "· ruff";        $(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@echo "· basedpyright"; $(BIN)/basedpyright --warnings
	@echo "· import rules"; $(BIN)/lint-imports
	@echo "· generated code"; $(BIN)/python proto/generate.py --check

format: $(VENV)/.dev  ## format and fix what can be fixed
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

pytest: $(VENV)/.dev
	@echo "· tests"; $(BIN)/python -m pytest $(SPREAD)

test-pythons: $(VENV)/.dev  ## run the unit, contract and integration tests on other Pythons: PYTHONS="3.12 3.13", or paths
	@for python in $(PYTHONS); do venv=$(VENV)/pythons/$${python//\//_}; \
	  $(BIN)/uv venv --quiet --allow-existing --python $$python $$venv && \
	  $(BIN)/uv pip install --quiet --python $$venv/bin/python -e ".[collector,embedded,grpc,dev]" && \
	  echo "· tests on $$($$venv/bin/python --version)" && \
	  $$venv/bin/python -m pytest $(SPREAD) tests/unit tests/contract tests/integration || exit 1; done

test-cluster: $(VENV)/.dev  ## run the release, query and wire suites on a cluster's schema (one node, Distributed tables)
	@BOTLOGS_TESTS_STORE=cluster $(BIN)/python -m pytest $(SPREAD) tests/contract tests/integration/release \
	  tests/integration/store/test_wire_compatibility.py tests/end_to_end/test_many_collectors.py

test-runtimes: $(VENV)/.dev  ## test the plugin with real bots on every supported runtime (downloads them once)
	@$(BIN)/python tests/runtimes/run.py

test-stacks: $(VENV)/.dev  ## test with a real OpenTelemetry Collector, Kafka's protocol and the SDKs of other languages (builds them once)
	@$(BIN)/python -m pytest tests/stacks -o "norecursedirs=.*" -o timeout=900 -p no:randomly -n0

bench: $(VENV)/.dev  ## measure speed and memory; prints a table, writes bench-results/
	@$(BIN)/python -m tests.bench

bench-quick: $(VENV)/.dev  ## the same in under two minutes
	@$(BIN)/python -m tests.bench --quick

faults: $(VENV)/.dev  ## the fault suite in its long form (about an hour): 200 kills, 10 minutes of overload; prints a table, writes bench-results/; TESTS=… some of it
	@$(BIN)/python -m tests.faults $(TESTS)

fuzz: $(VENV)/.dev  ## look for input that breaks it, FUZZ examples a test (default 20,000); prints a table, writes bench-results/; TESTS=… some of it
	@BOTLOGS_FUZZ=$${FUZZ:-20000} $(BIN)/python -m tests.fuzz -n $(JOBS) $(TESTS)

proto: $(VENV)/.dev  ## regenerate the code made from proto/
	@$(BIN)/python proto/generate.py

dashboards: $(VENV)/.dev  ## regenerate the Grafana dashboards' JSON
	@$(BIN)/python -m botlogs_dashboards.grafana.generate

capacity: $(VENV)/.dev  ## sizes from measured figures, into collector/docs/capacity.md; RESULTS=bench-results/….json measures anew
	@$(BIN)/python -m tests.bench.capacity $(if $(RESULTS),--results $(RESULTS)) --write
	@$(BIN)/python -m tests.bench.capacity

lock: $(VENV)/.dev  ## pin the service anew: exact versions with hashes, then the list of third parties
	@$(PIP) install uv && cd collector/deploy && for lock in requirements:collector requirements-embedded:collector,embedded; do \
	  $(CURDIR)/$(BIN)/uv pip compile ../../pyproject.toml $$(echo "$${lock#*:}" | sed 's/[a-z]*/--extra &/g; s/,/ /g') --upgrade --quiet \
	    --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o "$${lock%%:*}.lock" || exit 1; done
	@$(MAKE) third-party

third-party: $(VENV)/.dev  ## list what the service is made of, with licences (THIRD_PARTY.md)
	@$(BIN)/python collector/deploy/third_party.py

clean:  ## remove everything that these targets made
	@rm -rf $(VENV) bench-results .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
