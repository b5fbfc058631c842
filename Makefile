# `make demo` and `make test` each work as the first command on a machine that has Python (with venv), pip and make.
.ONESHELL:
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
export UV_LINK_MODE := copy
# The machine's own certificates, as pip uses them: hospitals often have one of their own.
export UV_SYSTEM_CERTS := 1
BIN := .venv/bin
UV := VIRTUAL_ENV=.venv $(BIN)/uv
.PHONY: help test-postgres crash demo tour test check lint types contracts coverage bench mutation evaluate literature thresholds browser pictures lock population golden clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

demo: .venv/.clinic  ## one review, then a clinic of 200 virtual patients at a local address
	@$(BIN)/euthymia clinic $(DEMO)

tour: .venv/.core  ## review real patients (or the samples shipped with the project), with every paper
	@$(BIN)/euthymia demo

# As many at once as there are cores; a file's tests stay together, for their fixtures' sake.
AT_ONCE := -n auto --dist loadfile

test: .venv/.dev  ## every test that needs no browser
	@$(BIN)/python -m pytest -m "not browser" $(AT_ONCE)

# Where it answers, unless DATABASE_URL says another; tests make and drop databases of their own beside it.
POSTGRES ?= $(or $(filter postgres%,$(DATABASE_URL)),postgres://postgres@127.0.0.1:5432/euthymia)

test-postgres: .venv/.dev  ## the clinic's tests on PostgreSQL (POSTGRES=postgres://…)
	@DATABASE_URL=$(POSTGRES) $(BIN)/python -m pytest -m "not browser" $(AT_ONCE) tests/clinic

crash: .venv/.dev  ## kill -9 of the whole server under write load, 200 times (KILLS=20 MOST_SECONDS=60; DATABASE_URL for PostgreSQL)
	@$(BIN)/python tools/kill_under_load.py --kills $(or $(KILLS),200) --seconds $(or $(MOST_SECONDS),inf)

check: lint types contracts  ## everything that is not a test

lint: .venv/.dev  ## style, and the bans on the clock and on hidden randomness
	@$(BIN)/ruff check src tests tools
	$(BIN)/ruff format --check src tests tools

types: .venv/.dev  ## mypy --strict
	@$(BIN)/mypy

contracts: .venv/.dev  ## the walls of the house
	@$(BIN)/lint-imports --no-logo

coverage: .venv/.dev  ## 100 % branch coverage of what decides
	@$(BIN)/coverage run -m pytest tests/core/unit tests/core/verdict
	$(BIN)/coverage report

bench: .venv/.dev  ## timings, never asserted
	@$(BIN)/python tools/bench.py
	$(BIN)/python tools/bench_trajectory.py
	$(BIN)/python tools/bench_clinic.py

mutation: out/mutation/.site  ## kill every small damage done to what decides (MODULES="outcomes verdict" for some)
	@nice -n 15 $(BIN)/python tools/mutate.py $(MODULES)

evaluate: .venv/.dev  ## the model beside its peers on the trial data in ../shared/data
	@$(BIN)/python tools/evaluate_all.py --out out/evaluation

literature: .venv/.dev  ## published ketamine trials against simulated ones
	@$(BIN)/python tools/check_literature.py

thresholds: .venv/.dev  ## sensitivity, delay and false alarms of the statuses, on foreign and own virtual patients
	@$(BIN)/python tools/check_thresholds.py

pictures: .venv/.dev  ## the pictures of docs/pictures/clinic, from a small demo clinic
	@$(BIN)/python tools/pictures.py

browser: .venv/.dev  ## the page in Debian's Chromium, at 360 and 1440 px, light and dark
	@$(BIN)/python -m pytest -m browser

population: .venv/.dev  ## fit the shipped populations again from the trial data in ../shared/data
	@$(BIN)/python tools/fit_population.py

golden: .venv/.dev  ## pool the evidence with R's metafor again (needs R; DATE=2026-11-25)
	@$(BIN)/python tools/evidence_golden.py --date $(DATE)

lock: .venv/.core  ## pin the dependencies again
	@$(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate --group pyproject.toml:install -o requirements/install.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/core.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra clinic -c requirements/core.txt -o requirements/clinic.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra clinic --group pyproject.toml:dev -c requirements/clinic.txt -o requirements/dev.txt
	$(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate -c requirements/dev.txt --group pyproject.toml:mutation -o requirements/mutation.txt

clean:  ## remove what make made
	@rm -rf .venv out

.venv/.core: pyproject.toml requirements/install.txt requirements/core.txt
	@echo "Preparing .venv (once) …"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/install.txt
	$(UV) pip install -q --require-hashes -r requirements/core.txt
	$(UV) pip install -q --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	touch $@

.venv/.clinic: .venv/.core requirements/clinic.txt
	@echo "Adding the clinic …"
	$(UV) pip install -q --require-hashes -r requirements/clinic.txt
	touch $@

.venv/.dev: .venv/.clinic requirements/dev.txt
	@echo "Adding what the tests need …"
	$(UV) pip install -q --require-hashes -r requirements/dev.txt
	touch $@

# Beside the environment, not in it: nothing else needs the mutation tester and what it brings along.
out/mutation/.site: .venv/.dev requirements/mutation.txt
	@echo "Fetching the mutation tester …"
	mkdir -p out/mutation
	$(UV) pip install -q --require-hashes --target out/mutation/site -r requirements/mutation.txt
	touch $@
