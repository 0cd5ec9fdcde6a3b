# Each target sets up what it needs in .venv; nothing outside this directory is changed.

VENV := .venv
OLDEST := .venv-oldest
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip --quiet --disable-pip-version-check
SOURCES := pyproject.toml README.md $(wildcard packaging/*_hook.py packaging/scripts/* packaging/starter/*) $(shell find credhelper -name '*.py' -o -name py.typed)
# How many test processes: most of their time they wait for the processes that they have started.
JOBS ?= 4
# How many faults of an edit, and how many editors at once, `make torture` tries.
FAULTS = $(shell awk 'BEGIN { print int(50000 * $(or $(PART),1)) }')
EDITORS = $(shell awk 'BEGIN { print int(200 * $(or $(PART),1)) }')

.PHONY: help demo test test-oldest test-pythons upgrade-check lint bench conformance conformance-check fuzz torture clean

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/demo.stamp ## play the whole story on an embedded AWS
	$(VENV)/bin/credhelper demo

test: $(VENV)/test.stamp ## run the default suite (under ten minutes on two cores)
	$(VENV)/bin/pytest -n $(JOBS) --dist loadfile

test-oldest: $(OLDEST)/test.stamp ## run the unit tests with the oldest dependencies that pyproject.toml allows
	$(OLDEST)/bin/pytest -q -n $(JOBS) --dist loadfile tests/unit

test-pythons: dist/wheel.stamp ## run the unit tests on each Python from 3.11 to 3.14 that is found
	packaging/test-pythons "$$(echo dist/credhelper-*.whl)" -q -n $(JOBS) --dist loadfile

upgrade-check: .venv-installers/wheels.stamp $(VENV)/test.stamp ## what pipx, uv, pip and a new Python do to the line
	UPGRADES=all $(VENV)/bin/pytest -q -n $(JOBS) -rs tests/integration/test_installers.py

# Code for one platform is unreachable on the others: no error there.
lint: $(VENV)/test.stamp ## ruff and mypy, strict; types for Linux, macOS and Windows
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy --platform darwin --no-warn-unreachable credhelper
	$(VENV)/bin/mypy --platform win32 --no-warn-unreachable credhelper

bench: $(VENV)/test.stamp ## measure, print ratios for docs/performance.md; BASE=COMMIT: beside an older commit too
	cd tests && ../$(PYTHON) -m benchmarks.run $(if $(BASE),--base $(BASE))

fuzz: $(VENV)/test.stamp ## a million mutated config files, against botocore (about 15 minutes)
	cd tests && ../$(PYTHON) -m stress.config_fuzz

torture: $(VENV)/test.stamp ## kills, faults, crowds and clock jumps at full size; PART=0.1 for a tenth
	cd tests && ../$(PYTHON) -m stress.run $(PART)
	cd tests && { ../$(PYTHON) -m stress.config_faults --writer ours --count $(FAULTS) --seed 1 & \
	  ../$(PYTHON) -m stress.config_faults --count $(FAULTS) --seed 2 && wait $$!; }
	cd tests && ../$(PYTHON) -m stress.pair_faults --count $(FAULTS)
	cd tests && ../$(PYTHON) -m stress.config_crowd --processes $(EDITORS) --aws-cli

conformance: $(VENV)/test.stamp ## run real SDKs and tools, write docs/compatibility.md
	cd tests && ../$(PYTHON) -m conformance.run

conformance-check: $(VENV)/test.stamp ## the same, but fail where docs/compatibility.md is stale
	cd tests && ../$(PYTHON) -m conformance.run --check

$(VENV)/bin/python:
	packaging/make-venv $(VENV)

dist/wheel.stamp: $(VENV)/bin/python $(SOURCES)
	rm -rf dist
	$(PIP) wheel --no-deps --wheel-dir dist .
	touch $@

$(VENV)/demo.stamp: dist/wheel.stamp
	$(PIP) install --upgrade "$$(echo dist/credhelper-*.whl)[demo]"
	$(PIP) install --force-reinstall --no-deps dist/credhelper-*.whl
	touch $@

$(VENV)/test.stamp: $(VENV)/demo.stamp
	$(PIP) install --group test --group lint --group oracles "$$(echo dist/credhelper-*.whl)[demo]"
	touch $@

.venv-installers/wheels.stamp: dist/wheel.stamp packaging/make-installers
	packaging/make-installers .venv-installers "$$(echo dist/credhelper-*.whl)"
	touch $@

# The oldest Python, too: the newest ones have no wheels of the oldest dependencies.
$(OLDEST)/bin/python:
	packaging/make-venv $(OLDEST) python3.11 python3.12 python3.13 python3.14 python3

$(OLDEST)/test.stamp: dist/wheel.stamp packaging/oldest.py $(OLDEST)/bin/python
	$(OLDEST)/bin/python packaging/oldest.py > $(OLDEST)/oldest.txt
	$(OLDEST)/bin/python -m pip --quiet --disable-pip-version-check install --constraint $(OLDEST)/oldest.txt \
	  --group test "$$(echo dist/credhelper-*.whl)"
	$(OLDEST)/bin/python -m pip --quiet --disable-pip-version-check install --force-reinstall --no-deps dist/credhelper-*.whl
	touch $@

clean: ## remove everything these targets made
	rm -rf .pythons $(VENV) $(VENV)-* .conformance dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
