# The lab's everyday commands: `make` lists them. Written for GNU Make 3.81, which macOS has.

# Which Python makes .venv; left empty, the first of PYTHONS below that fits.
PYTHON ?=
# Where the lab can be reached: HOST=0.0.0.0 opens it to other machines.
HOST = localhost
# Left empty, 8501 or the next port that is free.
PORT =
# Which benchmarks to run, and QUICK=1 for a trial of each that measures nothing.
GROUP = engine click growth page stroke classroom
QUICK =

VENV := .venv
# For the benchmarks' peers alone, so that the lab is measured without their packages.
BENCH := .venv-bench
# Called by a relative name, so that a blank in the checkout's path does no harm.
VPYTHON := $(VENV)/bin/python
PYTHONS := $(or $(PYTHON),python3 python3.12 python3.13 python3.11 python)
# The first of them that fits, else the first, which then says why it does not.
BASE = $(or $(shell for python in $(PYTHONS); do \
	$$python scripts/check_platform.py 2>/dev/null && echo $$python && break; \
	done),$(firstword $(PYTHONS)))
PIP := $(VPYTHON) -m pip install -qq --no-input --disable-pip-version-check

.PHONY: help run test lint format bench bench-drawing clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: $(VENV)/.run  ## set up once, start the lab and print its address
	@$(VPYTHON) -m streamlit run streamlit_app.py \
		--server.address $(HOST) $(if $(PORT),--server.port $(PORT))

# File by file as they stand, so that the browser's, which are the longest, do not come last.
test: lint  ## set up once, then every check
	$(VPYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev  ## style and types only
	$(VPYTHON) -m ruff check .
	$(VPYTHON) -m ruff format --check .
	$(VPYTHON) -m mypy

format: $(VENV)/.dev  ## mend what can be mended by itself
	$(VPYTHON) -m ruff check --fix .
	$(VPYTHON) -m ruff format .

bench: $(VENV)/.dev $(BENCH)/.ready  ## measure speed against peers; one group: make bench GROUP=engine
	@for group in $(GROUP); do \
		case $$group in engine) python=$(BENCH)/bin/python;; *) python=$(VPYTHON);; esac; \
		$$python -m benchmarks.$$group $(if $(QUICK),--quick) || exit 1; \
	done

bench-drawing: $(VENV)/.dev  ## measure how well the lab reads what people drew
	@$(VPYTHON) -m benchmarks.drawing $(if $(QUICK),--quick)

clean:  ## remove what these commands have made
	rm -rf $(VENV) $(BENCH) build *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two stamps say what is installed; they are older than the requirements where those have changed.
$(VENV)/.run: requirements.txt
	@$(VPYTHON) scripts/check_platform.py 2>/dev/null || { \
		base="$(BASE)" && $$base scripts/check_platform.py && \
		echo "Making $(VENV) with $$($$base --version)." && $$base -m venv --clear $(VENV); }
	@echo "Installing the lab's packages into $(VENV): once, about 500 MB, some minutes."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing what the checks need."
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(BENCH)/.ready: requirements.txt benchmarks/requirements.txt
	@base="$(BASE)" && $$base scripts/check_platform.py && $$base -m venv --clear $(BENCH)
	@echo "Installing the lab and its peers into $(BENCH): once, some minutes."
	@$(BENCH)/bin/python -m pip install -qq --no-input --disable-pip-version-check \
		-r benchmarks/requirements.txt
	@touch $@
