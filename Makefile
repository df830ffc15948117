# What each target does is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help docs install install-tests install-bench run test check mutants bench faults migration screens stopwatch

PYTHON ?= python3

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

install: ## Make .venv and fetch what pages need
	@$(PYTHON) scripts/install.py

run: install ## Serve a demonstration with invented families; FRESH=1 begins it anew
	@.venv/bin/mash demo $(if $(FRESH),--fresh)

test: install-tests ## Run every test, on SQLite, PostgreSQL and in a browser; ARGS="-k word" goes to pytest
	@.venv/bin/python scripts/run_tests.py $(ARGS)

check: install-tests ## Style, types, migrations, rule sets, then every test: what CI runs
	@.venv/bin/python scripts/check.py

docs: install ## Write the pages that are generated from the code
	.venv/bin/python scripts/write_docs.py

screens: install-tests ## Take the pictures in docs/screens
	@.venv/bin/python -m tests.browser.screens

stopwatch: install-tests ## Count the clicks and keys of ten common tasks
	@.venv/bin/python -m tests.browser.stopwatch

mutants: install-tests ## Break the tables of policy one row at a time; each time a test must fail
	@.venv/bin/python -m tests.mutants

bench: install-bench ## Compare the speed of deadlines, suggestions, lifecycles, sweeps and the queue with other ways of doing them
	@.venv/bin/python -m bench

faults: install-tests ## Longer runs: random deadlines, play and rotas, damaged files, deaths, races, outages; FULL=1 for all of each
	@.venv/bin/python -m tests.faults $(if $(FULL),--full)

migration: install ## Draft a migration from the tables: make migration M="add a column"
	@test -n "$$M" || { echo 'Say what changes: make migration M="add a column"'; exit 1; }
	@.venv/bin/alembic revision --autogenerate -m "$$M"

install-tests:
	@$(PYTHON) scripts/install.py --tests

install-bench:
	@$(PYTHON) scripts/install.py --bench
