# Solvarium. `make app` opens the app; `make test` runs every check.
# Both set up .venv on first use, and again whenever the requirements change.

HOST ?= localhost
PORT ?= 8501
ARGS ?=
JOBS ?= 2
SECONDS ?= 300

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

# The first of these that is Python 3.11 or newer.
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$name" && break; done)

.PHONY: help app test lint bench load fuzz audit

help:
	@echo "make app    open the app (PORT=$(PORT), HOST=$(HOST))"
	@echo "make test   every check: lint, then the tests (ARGS='-k density' passes options to pytest)"
	@echo "make lint   formatting, ruff and mypy"
	@echo "make bench  speed and memory, beside the alternatives"
	@echo "make load   thirty sessions at once: times, failures, memory"
	@echo "make fuzz   fuzz the gate for SECONDS=$(SECONDS)"
	@echo "make audit  known vulnerabilities of what is installed; needs a network"

app: $(RUNTIME)
	$(BIN)/python -m streamlit run app.py --server.address $(HOST) --server.port $(PORT)

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=loadfile $(ARGS)

lint: $(DEV)
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

bench: $(DEV)
	$(BIN)/python -m benchmarks.bench_ionic_liquids
	$(BIN)/python -m benchmarks.bench_polymer_solvent
	$(BIN)/python -m benchmarks.bench_screen
	$(BIN)/python -m benchmarks.bench_solvents

load: $(DEV)
	$(BIN)/python -m benchmarks.load

fuzz: $(DEV)
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements-fuzz.txt
	$(BIN)/python -m tests.fuzz -max_total_time=$(SECONDS)

audit: $(DEV)
	$(BIN)/python -m pip install --disable-pip-version-check pip-audit
	$(BIN)/python -m pip_audit --requirement requirements.txt --requirement requirements-dev.txt

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Solvarium needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; fi
	"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "could not make $(VENV); on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@
