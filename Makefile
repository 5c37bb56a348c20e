# Everything from nothing but python3 with venv, make and a package index.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
RUN_DIR ?= run/district
PERSONS ?= 20000
SEED ?= 1
FROM ?= 2025-06-02
TO ?= 2025-06-09

help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 18

.venv/ready: requirements-setup.lock requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements-setup.lock requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: .venv/ready ## prepare .venv, in which nuanxin is a command

run: setup       ## a simulated district of 20,000 persons: the first night, seven nights more, one alert explained
	rm -rf $(RUN_DIR)
	$(BIN)/nuanxin simulate --out $(RUN_DIR) --persons $(PERSONS) --from $(FROM) --to $(TO) --seed $(SEED)
	$(BIN)/nuanxin backfill --site $(RUN_DIR)/site.toml --from $(FROM) --to $(TO)
	$(BIN)/nuanxin explain --site $(RUN_DIR)/site.toml --latest

lint: setup      ## style, types, the one-way rule, the lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.lock_has_no_address requirements.lock requirements-setup.lock

test: setup      ## every test, on SQLite and on a private PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist loadgroup

fuzz: setup      ## forty thousand damaged deliveries through reading and the gate (make test has some thousands)
	NUANXIN_FUZZ=$${NUANXIN_FUZZ:-40000} $(BIN)/python -m pytest -n 2 tests/faults/test_fuzzed_deliveries.py

bench: setup     ## speed, memory, and the alerts against the simulator's truth (takes a while)
	$(BIN)/python -m benchmarks

bench-linkage: setup ## linking a million persons, beside Splink 5, recordlinkage and a naive loop
	$(BIN)/python -m benchmarks.bench_linkage

picture: setup   ## draw the picture in README anew
	$(BIN)/python -m benchmarks.picture

lock:            ## write the lock anew: hashes, no address
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --group dev pyproject.toml -o requirements.lock

clean:           ## remove what was made here
	rm -rf .venv run build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help setup run lint test fuzz bench bench-linkage picture lock clean
