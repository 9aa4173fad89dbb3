# Needs make and Python 3.11 or later; everything else goes into .venv. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help run check test proof simulate bench fmt lock sqlite postgres e2e browser

# The newest interpreter found; PYTHON=… chooses another.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest --quiet
# Tests that need a database; each also runs on the other one.
STORED := $(wildcard tests/integration tests/properties tests/faults)
# Seasons that `make simulate` plays; SEED=7 plays one of them again.
SEEDS ?= 300
SEED ?=
# Processes that share a run; each has a database of its own.
JOBS ?= 2

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: .venv/.run ## start the demonstration on this machine (PORT=8000)
	@exec $(BIN)/crowdfund demo

check: .venv/.dev ## lint, format, types, import contracts, unit tests (under a minute)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) tests/unit

test: check sqlite postgres e2e ## everything: check, both databases, migrations, the browser

sqlite: .venv/.dev ## all tests that need a database, on SQLite
	$(PYTEST) $(STORED) tests/simulator --db=sqlite -n $(JOBS)

postgres: .venv/.dev ## the same on a throw-away PostgreSQL
	$(PYTEST) $(STORED) --db=postgres -n $(JOBS)

e2e: browser ## journeys in a real browser
	$(PYTEST) e2e -n $(JOBS)

browser: .venv/.dev
	@$(BIN)/python -m tests.support.browser --ensure

# A test that charges thousands, or plays hundreds of seasons, may take half an hour.
PROOF := --hypothesis-profile=proof -o faulthandler_timeout=3600
proof: .venv/.dev ## the long way: many more examples on both databases
	$(PYTEST) $(STORED) tests/simulator --db=sqlite -n $(JOBS) $(PROOF)
	$(PYTEST) $(STORED) --db=postgres -n $(JOBS) $(PROOF)
	$(PYTEST) e2e -n $(JOBS) $(PROOF)

simulate: .venv/.dev ## seasons with every fault (SEEDS=10000); a failing one again: SEED=n
	@$(BIN)/python -m tests.simulator $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

bench: .venv/.dev ## side-by-side benchmarks
	$(BIN)/python -m bench

fmt: .venv/.dev ## put the code in shape
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

# Only whoever changes a dependency needs uv. The files name no host, so any mirror serves them.
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-header --no-annotate --no-emit-index-url
lock: ## choose versions anew after a change in pyproject.toml
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --output-file requirements-dev.txt

# Stamps: a second start installs nothing until a list changes.
.venv/.run: .venv/bin/python requirements.txt pyproject.toml
	@echo "Installing what the service needs…"
	@$(PIP) install --no-deps --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	@echo "Installing what the tests need…"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it, or say PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv
