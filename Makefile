# ConstIntel. On a fresh machine: `make run` or `make test`; nothing but Python 3.11+, git and make is needed.
#
#   make setup     environment into .venv, database engine into .constintel, what browsers need into node_modules (two
#                  minutes the first time)
#   make run       set-up, then service, console and database, with the four scenarios loaded in brand `demo`
#   make serve     the same without the scenarios
#   make test      the whole test suite on a real Neo4j; ARGS="-k merge" passes options to pytest
#   make screenshots   every page of the console, light and dark, into .constintel/screenshots
#   make lint      ruff, mypy --strict and tsc
#   make bench     the benchmarks, about eight minutes; ARGS="--growth" measures growth, memory and disk instead,
#                  ARGS="--console" the console in Chromium
#   make bench-ml  models on public purchase histories, three minutes; downloads the two data sets' packages into .constintel
#   make train-starter  the model that a brand without history starts with, anew; one minute
#   make docs      the generated parts of the documentation
#   make migrate   the graph migrations alone
#   make compose-env   .env for docker-compose, with a fresh password (one that is there stays)
#   make lock      new locked, hashed requirements from requirements/*.in
#   make lock-engine   a new lock of the database engine; ENGINE_VERSION=5.26.x picks the version
#   make clean     remove caches, the environment and the engine; data in .constintel/home stays
#
# NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD, from the environment or as make variables, name an outside Neo4j.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := setup
.DELETE_ON_ERROR:
.PHONY: setup set-up chromium run serve test screenshots lint bench bench-ml train-starter docs migrate lock lock-engine compose-env clean

ifdef NEO4J_URI
export NEO4J_URI
endif
ifdef NEO4J_USERNAME
export NEO4J_USERNAME
endif
ifdef NEO4J_PASSWORD
export NEO4J_PASSWORD
endif

# Images of Python often forbid it to keep what it compiled; then every process compiles us anew, three seconds long.
export PYTHONDONTWRITEBYTECODE :=

# Nor may anything that is meant for other programs of Python's reach ours: their packages, their warnings, no docstrings.
unexport PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHONOPTIMIZE

# What installers keep for the next time lies in a home; a user of services may have none, and npm and uv fail then.
ifneq (,$(shell test -d "$$HOME" && test -w "$$HOME" || echo none))
export npm_config_cache := $(CURDIR)/.constintel/cache/npm
export UV_CACHE_DIR := $(CURDIR)/.constintel/cache/uv
endif

ENGINE_DIR := $(or $(CONSTINTEL_ENGINE_DIR),.constintel/engine)
ENGINE_VERSION ?=
ARGS ?=
PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input
FETCH := .venv/bin/python -m app.graph.embedded.fetch

# The first Python that is new enough; PYTHON=... names another.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
endif

# What the environment is made of. When any of it changes, the stamp's name changes and the environment is made anew.
ENVIRONMENT := requirements/base.in requirements/uv.txt requirements/dev.txt pyproject.toml
KEY = $(shell { cat $(ENVIRONMENT); $(PYTHON) -VV; pwd -P; } | $(PYTHON) -c \
	'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])')

# For machines without npm; out of .venv, because it is large and only set-up needs it.
NODE = test -x .constintel/node/bin/npm || { \
	$(PYTHON) -m venv --clear .constintel/node && \
	.constintel/node/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes -r requirements/node.txt; }

# One at a time: `make run` in one terminal and `make test` in another would make .venv anew under each other's feet. Who may not
# write here only finds that everything is there.
setup:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer was found; install one, or name it: make $@ PYTHON=..." >&2; exit 1; }
	@case "$$(pwd -P)" in *[\"\`\$$\\:{}]*) \
		echo "make: the path of this folder holds one of \" \` \$$ \\ : { }, which Python's installers or Java do not take: $$(pwd -P)" >&2; \
		echo "make: move the checkout to another folder" >&2; exit 1;; esac
	@lock=.constintel/set-up.lock; mkdir -p .constintel 2>/dev/null || true; \
	if command -v flock >/dev/null && touch $$lock 2>/dev/null; then \
		exec 9> $$lock; flock -n 9 || { echo "Waiting for another set-up of this folder ..." >&2; flock 9; }; fi; \
	$(MAKE) --no-print-directory set-up

set-up:
	@stamp=.venv/stamp-$(KEY); test -f $$stamp || { \
		echo "Making the Python environment in .venv with $$($(PYTHON) -V) ..."; \
		rm -f .venv/stamp-*; \
		$(PYTHON) -m venv --clear .venv || { echo "make: $(PYTHON) has no working venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }; \
		$(PIP) install --quiet --require-hashes -r requirements/uv.txt; \
		.venv/bin/uv pip install --python .venv/bin/python --require-hashes -r requirements/dev.txt || { \
			echo "uv could not install the environment; trying pip ..." >&2; \
			$(PIP) install --require-hashes -r requirements/dev.txt; }; \
		$(PIP) install --quiet --no-deps --no-build-isolation -e .; \
		touch $$stamp; }
	@stamp=node_modules/.stamp-$$(cat package.json package-lock.json | cksum | tr ' ' -); test -f $$stamp || { \
		echo "Installing what the console serves to browsers ..."; \
		{ npm=$$(command -v npm) || { npm=.constintel/node/bin/npm && $(NODE); }; } && \
		"$$npm" ci --ignore-scripts --loglevel=error && touch $$stamp || \
		echo "make: it could not be installed (see above), so the console works without JavaScript; make setup tries again" >&2; }
	@$(FETCH) install --engine-dir "$(ENGINE_DIR)"
	@CONSTINTEL_ENGINE_DIR="$(ENGINE_DIR)" .venv/bin/constintel neo4j prepare

run: setup
	.venv/bin/constintel serve --with-scenarios

serve: setup
	.venv/bin/constintel serve

# Two processes over one Neo4j (`tests/conftest.py`); WORKERS=0 runs all in one.
WORKERS ?= 2
test: setup chromium
	.venv/bin/python -m pytest -n $(WORKERS) $(ARGS)

# For the tests of the pages: Debian's, installed where we may and named where we may not.
chromium:
	@command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium for the tests of the console ..."; \
			{ apt-get -qq -o Acquire::Retries=3 update && DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
				apt-get -qq -y -o Acquire::Retries=3 --no-install-recommends install chromium >/dev/null 2>&1; } || \
				echo "make: it could not be installed; try: apt-get install chromium" >&2; \
		else echo "make: the console's tests need Chromium and are skipped without; on Debian: apt-get install chromium" >&2; fi; }

# What the tests of the pages see.
screenshots: setup chromium
	SCREENSHOTS=.constintel/screenshots .venv/bin/python -m pytest -q -k "fits or come_first" tests/console/test_pages.py

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	PATH="$(CURDIR)/.constintel/node/bin:$$PATH" node_modules/.bin/tsc -p app/console/jsconfig.json

bench: setup
	.venv/bin/python -m bench $(ARGS)

# The packages of the data stay out of .venv: what they pin is older than what the service runs on.
bench-ml: setup
	@stamp=.constintel/bench-ml/stamp-$$(cksum < requirements/bench-ml.txt | tr ' ' -); test -f $$stamp || { \
		rm -rf .constintel/bench-ml; \
		$(PIP) install --quiet --no-deps --require-hashes --target .constintel/bench-ml -r requirements/bench-ml.txt; \
		touch $$stamp; }
	PYTHONPATH=.constintel/bench-ml .venv/bin/python -m bench.ml $(ARGS)

train-starter: setup
	.venv/bin/python -m app.learn.starter.train

docs: setup
	.venv/bin/python -m docs.generate
	.venv/bin/python -m docs.third_party

migrate: setup
	.venv/bin/constintel migrate

lock:
	@test -x .constintel/lock-tools/bin/uv || { \
		$(PYTHON) -m venv .constintel/lock-tools; \
		.constintel/lock-tools/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/uv.txt; }
	@for name in uv base dev node; do \
		.constintel/lock-tools/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal \
			--python-version 3.11 --custom-compile-command "make lock" $(ARGS) \
			requirements/$$name.in -o requirements/$$name.txt; \
	done
	@.constintel/lock-tools/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --no-deps \
		--python-version 3.11 --custom-compile-command "make lock" $(ARGS) requirements/bench-ml.in -o requirements/bench-ml.txt
	@echo "requirements/{uv,base,dev,node,bench-ml}.txt are locked; ARGS=--upgrade takes the newest versions"

compose-env:
	@if test -e .env; then echo ".env is there already and stays: the volume of Neo4j knows the password in it"; else \
		umask 077; password=$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(24))'); \
		while IFS= read -r line; do echo "$${line/#NEO4J_PASSWORD=/NEO4J_PASSWORD=$$password}"; done < .env.example > .env; \
		echo "wrote .env with a fresh NEO4J_PASSWORD"; fi

lock-engine: setup
	$(FETCH) lock $(if $(ENGINE_VERSION),--version $(ENGINE_VERSION))

clean:
	rm -rf .venv node_modules .constintel/engine .constintel/lock-tools .constintel/node .constintel/cache .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find app tests -name __pycache__ -type d -prune -exec rm -rf {} +
