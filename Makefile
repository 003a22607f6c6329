# What can be done here: `make help`. Everything stays inside this directory, in .venv and .data.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all fuzz check audit css

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' Makefile

setup: $(INSTALLED) ## Make .venv and install the pinned libraries into it

$(INSTALLED): requirements.lock
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) is not installed. Parchi needs Python 3.11 or newer; name it with PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$$($(PYTHON) -V) is too old: Parchi needs 3.11 or newer. Name another with PYTHON=…"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
		rm -rf $(VENV); echo "Python cannot make .venv. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the libraries of requirements.lock into .venv …"
	@$(PIP) install --quiet --requirement requirements.lock
	@touch $@

run: setup ## Start everything: database, demo clinic, sandbox, mailbox, web and worker
	@$(BIN)/python -m app

test: setup ## Run the tests of every change; installs Chromium when it is missing
	@.ci/chromium
	$(BIN)/python -m pytest $(ARGS)

test-all: setup ## Run these and the long ones: many more random cases, kills, restarts (up to 30 minutes)
	@.ci/chromium
	HYPOTHESIS_PROFILE=full $(BIN)/python -m pytest -m "" --timeout 1500 $(ARGS)

fuzz: setup ## Call the API 10,000 times with generated requests (some minutes)
	FUZZ_CASES=10000 $(BIN)/python -m pytest -n 0 --timeout 3600 tests/desks/test_api_fuzz.py $(ARGS)

check: setup ## Look at style, types, imports and the built style sheet
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python assets/build.py --check

audit: setup ## Look for dangerous code (bandit) and for libraries with known holes (pip-audit)
	$(BIN)/bandit --quiet --recursive app bench assets --configfile pyproject.toml
	.ci/audit $(BIN)

css: setup ## Build static/app.css from assets/app.css and the templates (needs Node 20)
	@command -v npm >/dev/null || { echo "npm is not installed; make css needs Node 20 or newer."; exit 1; }
	npm ci --no-audit --no-fund
	$(BIN)/python assets/build.py
