# The lab's everyday commands: `make` lists them. Written for GNU Make 3.81, which macOS has.

# The Python that makes .venv. If this is empty, the first of PYTHONS below that fits is used.
PYTHON ?=
# The address to listen on; HOST=0.0.0.0 lets other computers open the lab. If this is empty, the
# environment variable STREAMLIT_SERVER_ADDRESS counts, and without it only this computer can.
HOST =
# If this is empty, 8501 or the next free port is used.
PORT =
# The benchmarks to run; QUICK=1 tries each of them without measuring anything.
GROUP = engine click growth page stroke pen classroom
QUICK =

VENV := .venv
# Only for the packages that the benchmarks compare the lab with.
BENCH := .venv-bench
# A relative name, so that the path of the checkout may contain spaces.
VPYTHON := $(VENV)/bin/python
PYTHONS := $(or $(PYTHON),python3 python3.12 python3.13 python3.11 python)
# The first that fits; if none does, the first of them, which then says why.
BASE = $(or $(shell for python in $(PYTHONS); do \
	$$python scripts/check_platform.py 2>/dev/null && echo $$python && break; \
	done),$(firstword $(PYTHONS)))
PIP := $(VPYTHON) -m pip install -qq --no-input --disable-pip-version-check
TSC := node_modules/.bin/tsc

.PHONY: help run test lint javascript format docs docs-serve hooks image bench bench-drawing bench-own bench-faults bench-soak clean

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: $(VENV)/.run  ## set up once, start the lab and print its address
	@STREAMLIT_SERVER_ADDRESS="$${STREAMLIT_SERVER_ADDRESS:-localhost}" \
		$(VPYTHON) -m streamlit run streamlit_app.py \
		$(if $(HOST),--server.address $(HOST)) $(if $(PORT),--server.port $(PORT))

# The browser tests take longest. Without reordering they do not all run at the end.
test: lint docs  ## set up once, then run every check
	$(VPYTHON) scripts/run_tests.py -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev javascript  ## check style, spelling and types
	$(VPYTHON) -m ruff check .
	$(VPYTHON) -m ruff format --check .
	$(VENV)/bin/codespell
	$(VPYTHON) -m mypy

# TypeScript is fetched once. Without Node or a network this check is left out, except in CI.
javascript:  ## check the types of the JavaScript
	@if [ ! -x $(TSC) ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then \
		npm ci --silent --no-audit --no-fund && touch node_modules/.package-lock.json || true; fi
	@if [ -x $(TSC) ]; then echo "$(TSC) --project tsconfig.json"; $(TSC) --project tsconfig.json; \
	else echo "The JavaScript was not checked: this needs Node and npm."; [ -z "$$CI" ]; fi

format: $(VENV)/.dev  ## correct the style where a tool can
	$(VPYTHON) -m ruff check --fix .
	$(VPYTHON) -m ruff format .

docs: $(VENV)/.dev  ## build the documentation into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(VPYTHON) -m mkdocs build --quiet --strict

docs-serve: $(VENV)/.dev  ## show the documentation in a browser while you write it
	NO_MKDOCS_2_WARNING=1 $(VPYTHON) -m mkdocs serve

hooks: $(VENV)/.dev  ## check each commit before it is made
	$(VENV)/bin/pre-commit install

image: $(VENV)/.dev  ## as root on Debian: carry out deploy/Dockerfile, then try the lab in it (500 MB)
	@$(VPYTHON) scripts/try_image.py

bench: $(VENV)/.dev $(BENCH)/.ready  ## measure speed against other libraries; one group: make bench GROUP=engine
	@for group in $(GROUP); do \
		case $$group in engine) python=$(BENCH)/bin/python;; *) python=$(VPYTHON);; esac; \
		$$python -m benchmarks.$$group $(if $(QUICK),--quick) || exit 1; \
	done

bench-drawing: $(VENV)/.dev  ## measure how well the lab reads what people drew
	@$(VPYTHON) -m benchmarks.drawing $(if $(QUICK),--quick)

bench-own: $(VENV)/.dev  ## measure how well lesson 5's network learns what people drew
	@$(VPYTHON) -m benchmarks.own $(if $(QUICK),--quick)

bench-faults: $(VENV)/.dev  ## throw 1,000 faults at real labs and check what each leaves
	@$(VPYTHON) -m benchmarks.faults $(if $(QUICK),--quick)

bench-soak: $(VENV)/.dev  ## let scripted visitors come for two hours and watch the memory
	@$(VPYTHON) -m benchmarks.soak $(if $(QUICK),--quick)

clean:  ## remove everything that these commands have made
	rm -rf $(VENV) $(BENCH) node_modules site build *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two stamps record what is installed. They are older than the requirements after those changed.
$(VENV)/.run: requirements.txt
	@$(VPYTHON) scripts/check_platform.py 2>/dev/null || { \
		base="$(BASE)" && $$base scripts/check_platform.py && \
		echo "Making $(VENV) with $$($$base --version)." && $$base -m venv --clear $(VENV); }
	@echo "Installing the lab's packages into $(VENV): once, about 500 MB, some minutes."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing the tools for checks and documentation."
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(BENCH)/.ready: requirements.txt benchmarks/requirements.txt
	@base="$(BASE)" && $$base scripts/check_platform.py && $$base -m venv --clear $(BENCH)
	@echo "Installing the lab and the libraries it is compared with into $(BENCH): once, some minutes."
	@$(BENCH)/bin/python -m pip install -qq --no-input --disable-pip-version-check \
		-r benchmarks/requirements.txt
	@touch $@
