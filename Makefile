# `make run` and `make test` do all their set-up; they need python3 (3.11 or newer) with venv, and make.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
EXTRAS := $(VENV)/.extras
TWO    := -n 2 --dist loadgroup --no-loadscope-reorder # the order is that of tests/conftest.py

.PHONY: help run test test-fast fuzz check attack real validate validate-full bench peers docs lab image lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(READY): requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once, a few minutes)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "funnel-effect needs Python 3.11, 3.12 or 3.13; set PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m flows.compile_kernels
	@touch $@

$(EXTRAS): $(READY) requirements-extras.lock
	@echo "setting up what only labs, stores and attacks need"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-extras.lock
	@touch $@

run: $(READY) ## the main job on the built-in sample; prints where map and tables are
	@$(BIN)/funnel run sample

test: $(READY) check ## lint, types and every test
	@$(BIN)/python -m pytest -q $(TWO)

test-fast: $(READY) ## what needs no whole run, bundle or browser, in under two minutes
	@$(BIN)/python -m pytest -q $(TWO) -m "not slow and not real and not attack"

fuzz: $(READY) ## property tests on unseen examples, kept in .hypothesis; then 100,000 mutated files; hours
	@FUNNEL_HYPOTHESIS=fuzz $(BIN)/python -m pytest -q $(TWO) -m hypothesis
	@PYTHONPATH=.:tests $(BIN)/python -m fuzz.campaign 100000 --first $$(date +%s)

check: $(READY) ## lint, format and types, in under half a minute
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

attack: $(EXTRAS) ## the whole matrices: kills, flips, mutations, packaging; an hour
	@$(BIN)/python -m pytest -q -m attack

lab: $(EXTRAS) ## the six notebooks in JupyterLab, on loopback
	@test -d runs/tiny || $(BIN)/funnel run tiny --plain --quiet # lab 5 opens its bundle
	@$(BIN)/jupyter lab --ip 127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root) notebooks # it refuses root otherwise

LOCK ?= requirements.lock
image: ## the container image, where a builder is; PYTHON_DIGEST names the base you checked
	@builder=$$(command -v docker || command -v podman || command -v buildah) || { echo "no docker, podman or buildah here: nothing was built"; exit 0; }; \
	  test -n "$(PYTHON_DIGEST)" || { echo "set PYTHON_DIGEST=sha256:... of python:3.11-slim-bookworm"; exit 1; }; \
	  $$builder build --build-arg PYTHON_DIGEST=$(PYTHON_DIGEST) --build-arg LOCK=$(LOCK) -t funnel-effect:0.1.0 .

real: $(READY) ## the real records: Arizona in ten minutes, then the whole border in thirty; fails without FUNNEL_LOCAL_DATA
	@test -d "$${FUNNEL_LOCAL_DATA:-../shared/data}" || { echo "make real needs the folder of real records: set FUNNEL_LOCAL_DATA"; exit 1; }
	@FUNNEL_LOCAL_DATA="$${FUNNEL_LOCAL_DATA:-../shared/data}" $(BIN)/python -m pytest -q $(TWO) -m real
	@FUNNEL_LOCAL_DATA="$${FUNNEL_LOCAL_DATA:-../shared/data}" $(BIN)/python -m validation.real_answer docs/real-answer.md
	@$(BIN)/python -m validation.real "$${FUNNEL_LOCAL_DATA:-../shared/data}" docs/real-records.md
	@FUNNEL_LOCAL_DATA="$${FUNNEL_LOCAL_DATA:-../shared/data}" $(BIN)/python -m validation.real_border docs/real-border.md

validate: $(READY) ## operating characteristics of the whole decision rule, under an hour
	@$(BIN)/python -m validation run --set quick

validate-full: $(READY) ## the same at release size, hours
	@$(BIN)/python -m validation run --set full

bench: $(READY) ## speed as ratios against peers, paired in one run
	@for b in leastcost visibility maps; do $(BIN)/python -m benchmarks.$$b || exit 1; done

docs: $(READY) ## the documentation site with the labs run, into site/; needs no network once set up
	@test -d runs/tiny || $(BIN)/funnel run tiny --plain --quiet # lab 5 opens its bundle
	@FUNNEL_DOCS=full NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

COMPILE = $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --quiet --custom-compile-command 'make lock' pyproject.toml
lock: $(READY) ## make both lock files from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(COMPILE) --extra dev -o requirements.lock
	@$(COMPILE) --extra dev --extra lab --extra store --extra cluster --extra store-test -c requirements.lock -o requirements-extras.lock

clean: ## remove the environment, the store and the bundles
	@rm -rf $(VENV) .funnel runs restricted site dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
