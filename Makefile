# The two commands of the README, and what they rest on. Everything is made below this folder: .venv, node_modules, instance.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
VENDOR := webapp/static/vendor/icons.svg

.PHONY: run test check lint types contracts chaos bench screenshots lock clean

run: $(STAMPS)/run $(VENDOR)
	@$(BIN)/offerpost serve $(ARGS)

test: $(STAMPS)/test $(VENDOR) $(STAMPS)/system
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS) || { test $$? -eq 1 && $(ALONE); }

# Real processes, clocks and servers share the cores with every other test. What failed beside the others runs once more by itself, and
# is named either way: one that passes alone asserted something about speed or order that nobody promises, and is to be mended.
ALONE = echo "Once more, each by itself:" && $(BIN)/python -m pytest -n 0 --last-failed --last-failed-no-failures none -rA -q

check: lint types contracts test

lint: $(STAMPS)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMPS)/test
	$(BIN)/mypy

contracts: $(STAMPS)/test
	$(BIN)/lint-imports --config setup.cfg

# The long set of faults: three seeds, more mails, what needs patience. The page is written also when a scenario fails.
chaos: $(STAMPS)/test
	@mkdir -p build
	OFFERPOST_CHAOS=long $(BIN)/python -m pytest tests/chaos -n 2 --dist worksteal --timeout 300 \
		--junitxml=build/chaos.xml $(ARGS); status=$$?; \
		$(BIN)/python scripts/write_reliability.py build/chaos.xml && exit $$status

bench: $(STAMPS)/test
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(STAMPS)/test $(VENDOR) $(STAMPS)/system
	$(BIN)/python scripts/screenshots.py docs/pictures

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Offerpost needs Python 3.11 or newer. Name one: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "This Python can't make environments. On Debian and Ubuntu: apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@mkdir -p $(STAMPS)

$(STAMPS)/run: requirements/run.txt setup.cfg | $(BIN)/python
	@echo "Installing what Offerpost runs on …"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/run
	@echo "Installing what the tests need …"
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

# npm of the machine; where there is none, Node comes from PyPI.
$(VENDOR): package.json package-lock.json scripts/build_assets.mjs | $(STAMPS)/run
	@echo "Building the front-end files …"
	@if command -v npm >/dev/null 2>&1; then \
		npm ci --ignore-scripts --silent && npm run --silent build; \
	else \
		$(PIP) install --require-hashes -r requirements/assets.txt \
		&& PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --silent \
		&& PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm run --silent build; \
	fi
	@touch $@

# Chromium for the browser tests; installed where that is allowed, otherwise those tests say what they miss.
$(STAMPS)/system: | $(BIN)/python
	@sh scripts/install_test_packages.sh
	@sh scripts/fetch_spf_suite.sh $(BIN)/python
	@sh scripts/fetch_public_texts.sh
	@touch $@

lock:
	$(BIN)/python -m pip install -q uv
	for name in run test assets bench; do \
		(cd requirements && ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url -o $$name.txt $$name.in) || exit 1; \
	done

clean:
	rm -rf $(VENV) node_modules webapp/static/vendor build *.egg-info
