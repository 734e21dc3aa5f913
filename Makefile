PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-all mutants check pictures reported bench clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: $(READY)  ## run the complete flow in the terminal: no tenant, no Docker, no configuration
	$(RUN) -m simulator demo

# Without bytecode files, every worker would compile everything again.
test test-all: export PYTHONDONTWRITEBYTECODE =

test: $(READY)  ## run the tests: one case of each kind
	$(RUN) -m pytest -n 3 --dist worksteal -q

# The trial freezes servers and measures time, so it runs alone.
test-all: $(READY)  ## run every test and the failover trial, and measure coverage
	$(RUN) -m pytest -n 3 --dist worksteal -q --all --ignore=tests/trial --cov --cov-report=
	$(RUN) -m pytest -q --all tests/trial
	$(RUN) -m coverage report --fail-under=95
	$(RUN) -m coverage report --include='approvals/*' --fail-under=100

mutants: $(READY)  ## run mutation tests on the rules and the token checks (docs/mutants.md)
	test -x build/mutants/bin/mutmut || $(PYTHON) -m venv build/mutants
	build/mutants/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt mutmut==3.8.1
	build/mutants/bin/mutmut run
	build/mutants/bin/mutmut results
	$(RUN) docs/mutants.py

check: $(READY)  ## run the linters and the type checker
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

pictures: $(READY)  ## redraw the cards for the documentation (needs Node.js and Chromium)
	$(RUN) docs/pictures/render.py

reported: $(READY)  ## draw the card of each type of request into build/pictures/reported (needs what `pictures` needs)
	$(RUN) -m tests.reported build/pictures/reported

bench: $(READY)  ## measure the speed, compared with a bare handler
	$(RUN) -m benchmarks

clean:  ## delete the virtual environment and everything generated
	rm -rf $(VENV) .state build mutants
