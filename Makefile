# What you can do here: `make help`. Everything is set up by itself, once, and again only when a list of packages changes.

PYTHON ?= python3
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard conventus/locale/*/LC_MESSAGES/django.po))
ARGS ?=

.PHONY: help demo test lint check setup setup-dev bench screenshots messages format lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: setup  ## set up, build the sample city, serve it on http://127.0.0.1:8000
	$(BIN)/conventus demo $(ARGS)

test: lint check  ## every test, on SQLite and on PostgreSQL (ARGS="-k ballot" narrows)
	$(BIN)/python -m tools.test $(ARGS)

lint: setup-dev  ## style of code and templates
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet || { $(BIN)/ruff format --check; exit 1; }
	$(BIN)/djlint --lint --quiet conventus

check: setup-dev  ## types, who may import whom, models without a migration
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > .venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	CONVENTUS_DATABASE=:memory: $(BIN)/conventus makemigrations --check --dry-run --skip-checks

setup: .venv/.base $(CATALOGUES)  ## what `make demo` needs

setup-dev: .venv/.dev $(CATALOGUES)  ## what tests and checks need as well

bench: setup-dev  ## the benchmarks
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: setup-dev  ## take docs/screenshots anew
	$(BIN)/python -m tools.screenshots

messages: setup  ## collect the words to translate into conventus/locale
	$(BIN)/conventus messages

format: setup-dev  ## put code into the house's form
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format

lock: setup-dev  ## choose the versions of all packages anew (PACKAGE=name: of one)
	$(BIN)/python -m tools.lock $(PACKAGE)

clean:  ## remove what set-up, tests and the demo made; also the demo's data
	rm -rf .venv var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find conventus config tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

.venv/.base: requirements/base.txt pyproject.toml tools/install.py
	$(PYTHON) tools/install.py requirements/base.txt
	@touch $@

.venv/.dev: requirements/dev.txt requirements/base.txt pyproject.toml tools/install.py
	$(PYTHON) tools/install.py requirements/dev.txt
	@touch $@ .venv/.base

%.mo: %.po | .venv/.base
	$(BIN)/conventus compile
