PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check pictures bench clean

help:  ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: $(READY)  ## the whole main job in the terminal: no tenant, no Docker, nothing to configure
	$(RUN) -m simulator demo

# Every worker would compile everything anew where bytecode may not be written.
test test-all: export PYTHONDONTWRITEBYTECODE =

test: $(READY)  ## the tests: one case of each kind
	$(RUN) -m pytest -n 3 --dist worksteal -q

test-all: $(READY)  ## every case of every kind, and how much of the product they reach
	$(RUN) -m pytest -n 3 --dist worksteal -q --all --cov --cov-report= --ignore=tests/trial
	$(RUN) -m coverage report --skip-covered --include='approvals/*' --fail-under=99
	$(RUN) -m coverage report --skip-covered --fail-under=95

check: $(READY)  ## what the linters and the type checker say
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

pictures: $(READY)  ## draw the cards anew for the documentation (needs Node.js and Chromium)
	$(RUN) docs/pictures/render.py

bench: $(READY)  ## how fast, beside a bare handler and peers
	$(RUN) -m benchmarks

clean:  ## forget the virtual environment and everything made
	rm -rf $(VENV) .state build
