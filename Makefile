# Labeltrail: `make` lists what it can do.
.DEFAULT_GOAL := help
.PHONY: setup demo test judge storm lint bench help

PYTHON_IN_VENV := .venv/bin/python
# Two to four: every process has a test database of its own.
WORKERS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -gt 4 ] && n=4; [ $$n -lt 2 ] && n=2; echo $$n)
# PYTEST="-k trail" picks tests.
PYTEST :=

setup: ## make .venv, and install what is missing
	@PYTHON="$(PYTHON)" ./setup.sh

PORT := 8000
demo: setup ## everything with an invented platform, on http://127.0.0.1:8000 (PORT=8000)
	@$(PYTHON_IN_VENV) manage.py up --demo --port $(PORT)

test: setup ## all tests, on a private PostgreSQL unless DATABASE_URL is set
	@$(PYTHON_IN_VENV) -m pytest -n $(WORKERS) $(PYTEST)

JUDGES := $(CURDIR)/.judges
judge: setup ## what vendors' own programs read is what we hold; installs 2 GB of them the first time
	@LABELTRAIL_JUDGES=$(JUDGES) ./judges.sh
	@LABELTRAIL_JUDGES=$(JUDGES) $(PYTHON_IN_VENV) -m pytest -m judge

ROUNDS := 20
storm: setup ## faults at random while runs are worked on, ROUNDS=20 rounds; then the record is compared with its sources
	@$(PYTHON_IN_VENV) tests/crash/storm.py --rounds $(ROUNDS)

lint: setup ## format, lint, types, direction of imports, migrations, the API's description
	@$(PYTHON_IN_VENV) -m ruff format --check .
	@$(PYTHON_IN_VENV) -m ruff check .
	@$(PYTHON_IN_VENV) -m mypy
	@PYTHONPATH=. .venv/bin/lint-imports
	@$(PYTHON_IN_VENV) manage.py makemigrations --check --dry-run
	@if [ -e docs/openapi.yaml ]; then \
		$(PYTHON_IN_VENV) manage.py spectacular | diff -u docs/openapi.yaml - || \
		{ echo "docs/openapi.yaml is old: .venv/bin/python manage.py spectacular --file docs/openapi.yaml" >&2; exit 1; }; \
	fi

bench: setup ## measure it, beside its peers
	@$(PYTHON_IN_VENV) -m bench.run

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 16
