# Everything in one word; `make` lists the words. Each sets up what it needs.
#
#   PYTHON  the Python to make .venv with (3.11 or newer); later runs stay with it
#   HOST PORT  where `make run` listens
#   ARGS    for pytest: make test ARGS="tests/kit -x"
#   PROCESSES  that share the tests: make test PROCESSES=2
#   VISITCARE_VAR DATABASE_URL …  see .env.example

MADE_WITH := $(shell cat .venv/made-with 2>/dev/null)
PYTHON ?= $(or $(MADE_WITH),python3)
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
PROCESSES ?= 1
PY := .venv/bin/python
SHARED := $(if $(filter 1,$(PROCESSES)),,--numprocesses $(PROCESSES))
STATIC := $(or $(VISITCARE_VAR),var)/static

.PHONY: help setup run stop test test-all test-deep lint pictures bench bench-full

help: ## list these words
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | while read -r word does; do printf '  make %-11s %s\n' "$$word" "$$does"; done

setup: .venv/made-with ## make the environment in .venv, with the pinned versions

ifneq ($(PYTHON),$(MADE_WITH))
.PHONY: .venv/made-with
endif
.venv/made-with: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is not a Python 3.11 or newer; name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv with pip; on Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv …"
	@$(PYTHON) -m venv $(if $(filter-out $(PYTHON),$(MADE_WITH)),--clear) .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --retries 10 --timeout 60 -r requirements-dev.txt
	@echo "$(PYTHON)" > $@

run: setup ## serve the demo county on http://127.0.0.1:8000/
	@$(PY) -c 'import socket; socket.create_server(("$(HOST)", $(PORT)))' 2>/dev/null || \
	  { echo "Cannot listen on $(HOST):$(PORT), which may be in use; take another: make run PORT=8001" >&2; exit 1; }
	@$(PY) manage.py migrate --verbosity 0
	@test -z "$$(find static .venv/made-with -newer "$(STATIC)/staticfiles.json" 2>&1)" || \
	  $(PY) manage.py collectstatic --no-input --verbosity 0
	@$(PY) manage.py demo
	@$(PY) manage.py nightly >/dev/null
	@echo "Serving on http://$(HOST):$(PORT)/ and http://$(HOST):$(PORT)/admin/ until Ctrl-C; make stop ends the database too."
	@exec $(PY) -m gunicorn visitcare.wsgi --bind "$(HOST):$(PORT)" \
	  --worker-class gthread --workers 2 --threads 4 --log-level warning --no-control-socket

stop: ## stop the embedded PostgreSQL
	@test ! -x $(PY) || $(PY) -m visitcare.postgres stop

test: setup ## the tests; those in a browser too where a Chromium is found
	@$(PY) -m pytest -m "not deep" $(SHARED) $(ARGS)

test-all: setup ## the tests, all of those in a browser included
	@$(PY) -m pytest -m "not deep" --insist-on-browser $(SHARED) $(ARGS)

test-deep: setup ## the long ones: state machines, kills, load
	@$(PY) -m pytest -m deep $(ARGS)

lint: setup ## style, types, who may import whom, migrations, settings
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check

pictures: setup ## renew the pictures of the manual, from a demo county that is running
	@$(PY) -m tests.pictures http://$(HOST):$(PORT)

bench: setup ## the speed of a small county
	@$(PY) -m tests.bench.run

bench-full: setup ## the speed of 50,000 elders and 6 million visits
	@$(PY) -m tests.bench.run --full
