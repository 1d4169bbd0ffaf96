# One verb, one command. Each target installs what it needs into .venv by itself, once.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

GOAL   ?= does it understand where things are, how many there are, and what is missing?
TARGET ?= lab:clip
NAME   ?= first-audit
OUT    ?= audits
KILLS  ?= 100
SEED   ?= 1
# Proven failures are followed into the pictures of the lab's generator, unless the target paints itself.
DOWNSTREAM ?= $(if $(findstring t2i,$(TARGET)),,lab:t2i)

# Where LangGraph's development server listens, on the loopback address.
PORT ?= 2024

FOLDERS := agent tools prompts memory lab
SOURCES := $(FOLDERS) tests bench .ci
RECIPE  := pyproject.toml constraints.txt
PIP     := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help audit test test-long check format bench bench-landscape bench-ratings soak studio install clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

audit: $(VENV)/.installed  ## audit the lab's encoder offline (GOAL, TARGET, NAME, DOWNSTREAM can be given)
	@$(BIN)/faultfinder audit "$(GOAL)" --target "$(TARGET)" --corpus lab --name "$(NAME)" --out "$(OUT)" --fresh \
		$(if $(DOWNSTREAM),--downstream "$(DOWNSTREAM)")

test: $(VENV)/.installed-dev  ## run the tests on all cores, with the coverage floor
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term

test-long: $(VENV)/.installed-dev  ## run the tests that take minutes each: whole fades
	$(BIN)/python -m pytest -m long

check: $(VENV)/.installed-dev types  ## formatting, linting, types, architecture
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy $(FOLDERS:%=--package faultfinder.%)
	$(BIN)/python -m pytest --quiet tests/test_architecture.py

format: $(VENV)/.installed-dev  ## rewrite the sources as the linter wants them
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: $(VENV)/.installed-bench  ## measure what the README quotes
	$(BIN)/python -m bench

bench-landscape: $(VENV)/.installed-dev  ## compare explorers, and write the table into docs/landscape.md (takes a quarter of an hour)
	$(BIN)/python -m bench.landscape --write docs/landscape.md

bench-ratings: $(VENV)/.installed-dev  ## measure what ratings of people change, and write the table into docs/ratings.md
	$(BIN)/python -m bench.ratings --write docs/ratings.md

soak: $(VENV)/.installed-dev  ## kill audits with kill -9 at random instants (KILLS, SEED, TARGET can be given)
	nice $(BIN)/python -m tests.soak --kills $(KILLS) --seed $(SEED) --target "$(TARGET)"

studio: $(VENV)/.installed-studio  ## open the loop in LangGraph's development server (PORT can be given)
	LANGGRAPH_CLI_NO_ANALYTICS=1 $(BIN)/langgraph dev --no-browser --no-reload --port $(PORT)

install: $(VENV)/.installed  ## only install

clean:  ## remove what was installed and built
	rm -rf $(VENV) .types build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .langgraph_api .coverage

$(VENV)/.python:
	@command -v "$(PYTHON)" >/dev/null || { echo "make: no '$(PYTHON)' here; say PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: Faultfinder needs Python 3.11 or newer, '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1); say PYTHON=..." >&2; exit 1; }
	@echo "Installing into $(VENV), once. This takes a few minutes."
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python $(RECIPE)
	@$(PIP) --editable '.[sentence-transformers]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	@$(PIP) --editable '.[bench]'
	@touch $@

$(VENV)/.installed-studio: $(VENV)/.installed
	@$(PIP) --editable '.[studio]'
	@touch $@

# Type checkers do not follow the editable install's import hook: give them a tree of links that looks as installed.
.PHONY: types
types:
	@mkdir -p .types/faultfinder
	@for folder in $(FOLDERS); do ln -sfn ../../$$folder .types/faultfinder/$$folder; done
