# make run    the line and the console on this computer, without any account
# make call   the desk phone in this terminal
# make test   the tests, in two minutes   make test-slow   those that start, flood and kill whole machines
# make check  format, lint, types, layers, all tests and what they cover
# make unit   the tests of the pure core, in a few seconds
# make test-at WHEN="2027-10-31 02:30"   the tests at that moment in the Netherlands (Debian: faketime)
# make pictures  take the documents' pictures of the console anew (Chromium)
# make calls  write the golden calls anew, to look at with `git diff`
# make bench  how fast it answers            make schema  the editors' JSON schemas
# make vendor fetch the console's design system with npm, and take what is used of it
# make fuzz   any bytes at all, for a minute; make fuzz SECONDS=3600 for longer
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SECONDS := 60

.PHONY: run call test test-slow unit test-at check lint calls pictures bench fuzz schema vendor clean
.DEFAULT_GOAL := run

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Balielijn needs Python 3.11 or later; try: make PYTHON=python3.11 run"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv $(VENV); } \
		|| { rm -rf $(VENV); echo "Python's venv is missing. Install it (sudo apt install python3-venv) and try again."; exit 1; }
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: $(STAMP)
	$(BIN)/ivr demo

call: $(STAMP)
	$(BIN)/ivr call

test: $(STAMP)
	$(BIN)/pytest -m "not slow"

test-slow: $(STAMP)
	$(BIN)/pytest -m slow

unit: $(STAMP)
	$(BIN)/pytest tests/unit

# Left out: what compares the times of files, which stay real ones, and Redis and Chromium, which refuse faketime.
# A program that "ended with -11" at its start fell over faketime itself: run its test again.
test-at: $(STAMP)
	offset=$$(( $$(TZ=Europe/Amsterdam date -d "$(WHEN)" +%s) - $$(date +%s) )); \
	FAKETIME_DONT_FAKE_MONOTONIC=1 PYTHONPATH=tests/at:$$PYTHONPATH faketime -f "$$(printf %+d $$offset)s" \
		$(BIN)/python -m pytest -k "not redis and not test_browser_phone and not test_console_browser \
			and not test_console_looks and not test_console_stories and not test_backup \
			and not workers_that_die_and_a_restart and not erasure_survives_a_crash"

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/ivr check

check: lint
	$(BIN)/pytest --cov --cov-report=term --cov-fail-under=96

calls: $(STAMP)
	$(BIN)/pytest tests/web/test_golden_calls.py --write-calls

pictures: $(STAMP)
	$(BIN)/pytest tests/web/test_console_pictures.py --write-pictures -n 0

bench: $(STAMP)
	$(BIN)/python tests/bench

fuzz: $(STAMP)
	@$(BIN)/python -c 'import atheris' 2>/dev/null \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[fuzz]' \
		|| { echo "atheris cannot be installed here (it has wheels for few versions of Python), so nothing is fuzzed."; exit 1; }
	$(BIN)/python tests/fuzz.py --seconds $(SECONDS)

schema: $(STAMP)
	$(BIN)/python -m ivr.config.schema config/schema

vendor: $(STAMP)
	$(BIN)/python tools/vendor.py

clean:
	rm -rf $(VENV) .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis
