# make demo   sets up what running needs and detects the words of the demo recording, in real time
# make test   sets up the rest and runs every check
# make clean  removes whatever these two have made
#
# Both are safe to run again: a set-up is done anew only when something it depends on has changed.

PYTHON ?= python3
# Another build of PyTorch, for a GPU or a newer Python: make test TORCH='torch==...'
TORCH ?= torch==2.13.0

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PACKAGE := pyproject.toml setup.py wakeword/inference/build_c_core.py $(wildcard firmware/src/core/*.[ch])

export PYTHON

.DELETE_ON_ERROR:
.PHONY: demo test clean

demo: $(VENV)/.runtime
	$(BIN)/wakeword listen --input wakeword/assets/demo.flac --realtime

test: $(VENV)/.development
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

$(BIN)/pip:
	scripts/system-packages runtime
	$(PYTHON) -m venv $(VENV)

# Should the C core no longer compile, the extension of an older one must not stay.
$(VENV)/.runtime: $(PACKAGE) | $(BIN)/pip
	rm -f wakeword/inference/_core.*
	$(INSTALL) --editable '.[mic]'
	touch $@

# PyTorch by itself, so that the extras find the pinned one there and fetch no other.
$(VENV)/.development: $(PACKAGE) scripts/system-packages | $(BIN)/pip
	rm -f wakeword/inference/_core.*
	scripts/system-packages test
	$(INSTALL) '$(TORCH)'
	WAKEWORD_CORE=required $(INSTALL) --editable '.[all,dev]'
	touch $(VENV)/.runtime $@

clean:
	rm -rf $(VENV) build *.egg-info wakeword/inference/_core.*
