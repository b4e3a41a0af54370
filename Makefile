# make run    set up and open the app
# make test   set up and run every check: lint, types, tests, doctests, notebooks, browser
# make clean  remove the virtual environment

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM ?= /usr/bin/chromium
# One process more than cores, up to four: some tests wait for processes of their own.
WORKERS := $(shell n=$$(nproc 2>/dev/null || echo 3); echo $$((n < 4 ? n + 1 : 4)))

# pip compiles nothing below: what is imported is compiled on the way, once, unless this forbids it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	@echo "Starting the app; stop it with Ctrl+C."
	@$(BIN)/streamlit run explorer/app.py

test: lint
	@test -x $(CHROMIUM) || $(MAKE) --no-print-directory chromium
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || $(MAKE) --no-print-directory postgres
	@echo "Running tests, doctests, notebooks and browser tests (several minutes) ..."
	@CHROMIUM=$(CHROMIUM) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser"
	@CHROMIUM=$(CHROMIUM) $(BIN)/python -m pytest -m browser

lint: $(VENV)/.installed-tests
	@echo "Checking style and types ..."
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

.PHONY: chromium
chromium:
	@command -v apt-get >/dev/null || { echo "No browser at $(CHROMIUM): install chromium, or say where it is with make test CHROMIUM=/path/to/chromium."; exit 1; }
	@test "$$(id -u)" = 0 || { echo "No browser at $(CHROMIUM): run 'sudo apt-get install chromium' once, then make test again."; exit 1; }
	@echo "Installing Debian's chromium for the browser tests ..."
	@apt-get update -qq >/dev/null && apt-get install -y -qq chromium >/dev/null 2>&1 || { echo "chromium could not be installed by apt-get; install it by hand."; exit 1; }

.PHONY: postgres
postgres:
	@command -v apt-get >/dev/null || { echo "No Postgres server was found: install one, so that initdb is on the path."; exit 1; }
	@test "$$(id -u)" = 0 || { echo "No Postgres server was found: run 'sudo apt-get install postgresql' once, then make test again."; exit 1; }
	@echo "Installing Debian's Postgres for the tests of the database ..."
	@apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null 2>&1 || { echo "postgresql could not be installed by apt-get; install it by hand."; exit 1; }

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Found $$($(PYTHON) --version); Python 3.11 or newer is needed (make run PYTHON=python3.11)."; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "No virtual environment could be made: on Debian, run 'apt-get install python3-venv'."; exit 1; }

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing the packages in requirements.txt (the first time, a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements.txt || { echo "pip could not install the packages; see its message above."; exit 1; }
	@echo "Compiling the kernels (half a minute, once) ..."
	@$(BIN)/python -c "import explorer as e; from explorer.modularity.cut_tree import warm_up; warm_up(); e.find_modules(e.network_graph(e.load('xor4-modular')), 2)"
	@touch $@

$(VENV)/.installed-tests: tests/requirements.txt $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r tests/requirements.txt || { echo "pip could not install the packages; see its message above."; exit 1; }
	@touch $@

clean:
	rm -rf $(VENV)
