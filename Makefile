# `make run` needs Python 3.11 or newer and nothing else; `make help` lists the rest.
#
# What an installation needs lies in .venv/, node_modules/ and static/built/. Each is rebuilt when the files
# that it is made from change, and only then, so that the second `make run` starts in seconds.

.DEFAULT_GOAL := install
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The first Python on the path that is new enough and can make a virtual environment.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null \
	&& echo $$python && break; done)

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALLED := .venv/.installed
INSTALLED_FOR_TESTS := .venv/.installed-for-tests
PACKAGES := node_modules/.installed
PACKAGES_FOR_TESTS := node_modules/.installed-for-tests
FONTS := build/web-fonts/.built
ASSETS := static/built/.built
ASSET_SOURCES := $(wildcard static/css/*) static/js/app.js .ci/build_assets.mjs
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

# Half the machine's cores would idle without it. Journeys go by file, since those of one file share people.
PYTEST := $(BIN)/pytest
TEST_PROCESSES ?= 2

ifdef LANDLORD
export REDRESS_LANDLORD := $(LANDLORD)
endif
# The nodejs wheel puts node and npm beside Python; nothing else on the machine may step in.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help install run assets compile catalogues test machine lint unit web e2e house bench lock clean

help: ## list what make can do
	@sed -n 's/^\([a-z0-9]*\):.*## /\1	/p' Makefile

install: $(INSTALLED) $(ASSETS) compile ## install everything that the service needs

run: install ## start the service with sample cases and print its addresses (LANDLORD=... picks another landlord)
	@$(BIN)/redress migrate
	@$(BIN)/redress sample
	@exec $(BIN)/redress run

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Redress needs Python 3.11 to 3.14 with venv (Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(INSTALLED): requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(INSTALLED_FOR_TESTS): requirements/test.txt $(INSTALLED)
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

assets: $(ASSETS) ## build static/built/: stylesheets for both directions, scripts, fonts of pages and letters

$(PACKAGES): package.json package-lock.json .npmrc | $(INSTALLED)
	$(BIN)/npm ci --omit=dev --no-progress --loglevel=error
	@touch $@

# Whoever wants the checks gets everything at once, so that a fresh machine installs once.
$(PACKAGES_FOR_TESTS): package.json package-lock.json .npmrc | $(INSTALLED)
	$(BIN)/npm ci --no-progress --loglevel=error
	@touch $(PACKAGES) $@

# The bold faces hold what the catalogues say, so a new text may need another glyph.
$(FONTS): .ci/build_fonts.py $(PACKAGES) $(wildcard translations/bn/LC_MESSAGES/*.po translations/hi/LC_MESSAGES/*.po)
	$(BIN)/python .ci/build_fonts.py $(@D)
	@touch $@

$(ASSETS): $(PACKAGES) $(FONTS) $(ASSET_SOURCES)
	$(BIN)/node .ci/build_assets.mjs
	@touch $@

compile: $(CATALOGUES)

%.mo: %.po | $(INSTALLED)
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

catalogues: $(INSTALLED) ## take the texts of code, templates and policy into translations/, then compile them
	$(BIN)/python -m shared.catalogues

test: machine lint unit web e2e house ## all checks, in the order in which they are cheapest to mend

machine: $(INSTALLED_FOR_TESTS) $(PACKAGES_FOR_TESTS) install ## find or fetch the browser, PostgreSQL and Java that the tests use
	@$(BIN)/python -m tests.support.machine

lint: $(INSTALLED_FOR_TESTS) ## style, types, and which module may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(INSTALLED_FOR_TESTS) install ## the law, the flow, letters, uploads: no pages
	$(PYTEST) tests/unit -n $(TEST_PROCESSES)

web: $(INSTALLED_FOR_TESTS) $(PACKAGES_FOR_TESTS) install ## every page and form, on SQLite and again on PostgreSQL; their HTML
	$(PYTEST) tests/web -n $(TEST_PROCESSES) --database sqlite --nu
	$(PYTEST) tests/web -n $(TEST_PROCESSES) --database postgresql

e2e: $(INSTALLED_FOR_TESTS) $(PACKAGES_FOR_TESTS) install ## whole journeys in a real browser
	$(PYTEST) tests/e2e -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

house: $(INSTALLED_FOR_TESTS) install ## the project's own rules
	$(PYTEST) tests/house

bench: $(INSTALLED_FOR_TESTS) install ## measure speed at up to 200,000 cases: a quarter of an hour (BENCH_CASES=1000,20000 is shorter)
	$(BIN)/python -m tests.bench

# uv resolves for every Python and system at once, which pip cannot. It lives outside .venv, so that no
# lock can bend the tool that writes it. `make lock UPGRADE=--upgrade` takes the newest releases.
UPGRADE ?=
UV := build/lock/bin/uv
COMPILE := $(UV) pip compile pyproject.toml $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet

$(UV): | $(BIN)/python
	$(BIN)/python -m venv build/lock
	build/lock/bin/python -m pip --disable-pip-version-check --quiet install "uv>=0.13"

lock: $(UV) $(INSTALLED) ## resolve the dependencies of pyproject.toml and package.json again
	$(COMPILE) --group build --output-file requirements/run.txt >/dev/null
	$(COMPILE) --group build --group test --constraints requirements/run.txt --output-file requirements/test.txt >/dev/null
	$(UV) pip compile $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
		--group postgres --output-file requirements/postgres.txt >/dev/null
	$(UV) pip compile $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
		--group java --output-file requirements/java.txt >/dev/null
	$(BIN)/npm install --package-lock-only --loglevel=error
	$(BIN)/node .ci/trim_package_lock.mjs

clean: ## remove everything that make built; the data in data/ stays
	rm -rf .venv node_modules static/built static/built.next build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete
