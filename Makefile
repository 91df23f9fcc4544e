# The project's commands. `make demo` and `make test` need only Python 3.11, pip and make; `make check` needs the texts too.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
TEXTS := $(or $(STANCE_TEXTS),$(wildcard ../shared))

.PHONY: demo test check bench docs lock clean help

help:
	@echo "make demo   set up (base install, no torch) and label real articles"
	@echo "make test   set up everything and run the tests"
	@echo "make check  linters, types, contracts, and the tests with other people's texts, in a browser, of the wheel"
	@echo "make bench  time, memory and profile, against peers"
	@echo "make lock   write constraints.txt anew"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/base.done: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/all.done: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) torch==2.13.0
	$(PIP) -e '.[all]'
	@touch $@ $(VENV)/base.done

demo: $(VENV)/base.done
	@.ci/demo $(BIN)/stance "$(TEXTS)"

test: $(VENV)/all.done
	$(BIN)/python -m pytest -m "not texts and not browser and not wheel"

check: $(VENV)/all.done
	@test -n "$(TEXTS)" || { echo "make check needs other people's texts: ../shared or STANCE_TEXTS=DIR"; exit 1; }
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/stance labels check --texts "$(TEXTS)"
	.ci/chromium
	STANCE_TEXTS="$(TEXTS)" $(BIN)/python -m pytest -m "texts or browser or wheel"
	$(BIN)/python -m moscow_training.bench --smoke

bench: $(VENV)/all.done
	$(PIP) -e '.[all,bench]'
	$(BIN)/python -m moscow_training.bench

docs: $(VENV)/all.done
	$(BIN)/python -m tests.docs

lock:
	rm -rf .lock && $(PYTHON) -m venv .lock
	.lock/bin/python -m pip install --quiet torch==2.13.0
	.lock/bin/python -m pip install --quiet '.[all]'
	.lock/bin/python -m pip freeze --exclude moscow-stance | sed 's/+cpu$$//; s/ @ .*//' > constraints.txt
	rm -rf .lock

clean:
	rm -rf $(VENV) .lock build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
