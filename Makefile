# Each target works alone on a machine with Python 3.11 or newer, make, git and a C compiler:
# what it needs is installed first, and only if it isn't there yet.
# `make` alone lists the targets.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
# Processes that run the tests side by side.
WORKERS ?= 2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- installing ----------------------------------------------------------------------------------

# Two stamps: another lock makes the environment anew, so that it holds what the lock names and no
# more; another pyproject.toml only installs Portvakt's own command again.
.venv/.locked: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Portvakt needs Python 3.11 or newer. Name one: make PYTHON=python3.11 ..." >&2; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv --clear .venv
	@echo "Installing the locked packages into .venv: up to a few minutes, by the network ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@echo "Installing the portvakt command ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: install
install: .venv/.installed ## Make .venv with the locked packages and the portvakt command

.PHONY: lock
lock: install ## Write requirements/*.txt anew (newer versions: make lock ARGS=--upgrade)
	$(LOCK) --output-file requirements/dev.txt --group dev
	$(LOCK) --output-file requirements/runtime.txt --constraint requirements/dev.txt
	$(LOCK) --output-file requirements/bench.txt --group bench --constraint requirements/dev.txt

# For every platform and Python from 3.11 on; the index that answered is not written down.
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
    --custom-compile-command "make lock" $(ARGS)

# --- running -------------------------------------------------------------------------------------

.PHONY: sandbox
sandbox: install ## Start a server with sample data (its options: make sandbox ARGS="...")
	@echo "Starting the sandbox ..."
	@$(BIN)/portvakt sandbox $(ARGS)

# --- checking ------------------------------------------------------------------------------------

.PHONY: test
test: check ## Run all checks and all tests (some tests: make test ARGS="-k name")
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: test-fast
test-fast: install ## Run what takes about a minute: no server, SQLite alone, nothing slow or random
	$(BIN)/python -m pytest -n $(WORKERS) -m "not (slow or random or process or other_database)" $(ARGS)

.PHONY: check
check: install ## Check style, types, imports and that generated files are fresh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/portvakt generate --check

.PHONY: lint-openapi
lint-openapi: install ## Lint the OpenAPI documents (needs Node.js with npm)
	$(BIN)/portvakt generate --check
	tools/openapi-lint/run docs/reference/openapi/*.json

.PHONY: try-clients
try-clients: install ## Make clients of the documents by many generators, and call with each (needs Node.js)
	tools/generated-clients/run $(ARGS)

# --- measuring -----------------------------------------------------------------------------------

# An environment of its own, so that nothing of the peer gets into ours.
BENCH := .venv-bench/bin

.venv-bench/.installed: requirements/bench.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-bench
	$(BENCH)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $<
	$(BENCH)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: bench
bench: .venv-bench/.installed ## Measure against the floor and the peer; takes half an hour
	$(BENCH)/python -m benchmarks $(ARGS)

.PHONY: bench-quick
bench-quick: .venv-bench/.installed ## The same on little data, in less than five minutes
	$(BENCH)/python -m benchmarks --quick $(ARGS)

.PHONY: bench-against
bench-against: .venv-bench/.installed ## Measure against an earlier commit, in turns: make bench-against REV=...
	$(BENCH)/python -m benchmarks.against $(REV) $(ARGS)

.PHONY: bench-memory
bench-memory: .venv-bench/.installed ## Measure what memory exports, imports and the ledger take
	$(BENCH)/python -m benchmarks.memory $(ARGS)

.PHONY: bench-bodies
bench-bodies: .venv-bench/.installed ## Show what large and strange bodies take, and keep others waiting
	$(BENCH)/python -m benchmarks.bodies $(ARGS)

# --- writing -------------------------------------------------------------------------------------

.PHONY: generate
generate: install ## Write the generated files anew
	$(BIN)/portvakt generate

.PHONY: golden
golden: install ## Ask a server who may do what, and write tests/golden/ anew
	$(BIN)/python -m tests.support.access_table

.PHONY: format
format: install ## Format the code and mend what can be mended safely
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: clean
clean: ## Remove what can be made again: .venv, caches, builds
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf build dist tools/openapi-lint/node_modules
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
