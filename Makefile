PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-all mutants check pictures bench clean

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

# The trial freezes servers and looks at the clock, so nothing runs beside it.
test-all: $(READY)  ## every test, the trial of failovers, and how much of the product they reach
	$(RUN) -m pytest -n 3 --dist worksteal -q --all --ignore=tests/trial --cov --cov-report=
	$(RUN) -m pytest -q --all tests/trial
	$(RUN) -m coverage report --fail-under=95
	$(RUN) -m coverage report --include='approvals/*' --fail-under=100

mutants: $(READY)  ## whether the tests of the rules and of tokens notice a change (docs/mutants.md)
	test -x build/mutants/bin/mutmut || $(PYTHON) -m venv build/mutants
	build/mutants/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt mutmut==3.8.1
	build/mutants/bin/mutmut run
	build/mutants/bin/mutmut results
	$(RUN) docs/mutants.py

check: $(READY)  ## what the linters and the type checker say
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

pictures: $(READY)  ## draw the cards anew for the documentation (needs Node.js and Chromium)
	$(RUN) docs/pictures/render.py

bench: $(READY)  ## how fast, beside a bare handler and peers
	$(RUN) -m benchmarks

clean:  ## forget the virtual environment and everything made
	rm -rf $(VENV) .state build mutants
