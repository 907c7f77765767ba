# Two commands matter: "make demo" shows what it is, "make test" runs every check. Both set up .venv by themselves.
#
#   make demo                the demo vault in ./demo, from bundled prices, without a network
#   make test                every check: style, types, layers, all tests, the same each time, and how much of the code they reach
#   make check               the quick loop: style, types, layers and the fast tests
#   make vault MARKET=DIR    this repository's own vault, from a folder of price files
#   make docs                renew what the documentation takes from the code, and build its site
#   make format              put the code into its agreed shape
#   make schema              the JSON Schemas of definitions, for editors
#   make bench               the table of aims: what builds cost, beside yardsticks of the same run; ten minutes
#   make fuzz                250,000 spoiled definitions, expressions and notes: nothing but findings, time and memory
#   make clean               remove what these made

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
RUN := $(BIN)/thesisvault
AS_OF := 2026-02-27
PYTEST_ARGS ?=
COVERAGE := $(VENV)/coverage
# Rooms whose tests draw no picture, run no command and compare with no long history.
FAST := $(addprefix tests/unit/,blocks definitions language notes runs vault)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check style vault docs format schema bench fuzz clean

help:
	@sed -n 's/^#   //p' Makefile

# A second call builds the demo again and keeps what was written into it.
demo: $(READY)
	@if [ -f demo/thesisvault.yaml ]; then $(RUN) run --workspace demo --offline; else $(RUN) demo demo; fi
	@echo "Without Obsidian: read demo/vault/Home.md."

test: style
	@echo "tests"  && rm -rf $(COVERAGE) && mkdir -p $(COVERAGE) && \
		HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} \
		$(BIN)/coverage run -m pytest -q -n auto --randomly-seed=1 $(PYTEST_ARGS)
	@$(BIN)/coverage combine -q && { $(BIN)/coverage report --sort=cover >$(COVERAGE)/report.txt; reached=$$?; \
		echo "coverage, the least first:"; sed -n '3,12p;$$p' $(COVERAGE)/report.txt; \
		test -n "$(PYTEST_ARGS)" || exit $$reached; }

check: style
	@echo "tests"  && HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -q -n auto -m "not slow" $(FAST) $(PYTEST_ARGS)

style: $(READY)
	@echo "style"  && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . || \
		{ echo 'Run "make format" to mend what can be mended by itself.' >&2; exit 1; }
	@echo "types"  && $(BIN)/mypy --no-error-summary
	@echo "layers" && $(BIN)/lint-imports --no-cache >$(VENV)/layers.txt 2>&1 || { cat $(VENV)/layers.txt >&2; exit 1; }

vault: $(READY)
	@test -n "$(MARKET)" || { echo 'Say where the price files lie: make vault MARKET=DIR (a folder with prices/ in it).' >&2; exit 2; }
	@test -d "$(MARKET)" || { echo 'MARKET is "$(MARKET)", which is no folder. Nothing was written.' >&2; exit 2; }
	@$(RUN) refresh --csv "$(MARKET)" --as-of $(AS_OF)
	@$(RUN) build --as-of $(AS_OF) --offline
	@$(RUN) check

# Written results first, so that the site shows them. Every warning is an error, and no network is used.
docs: $(READY)
	@$(BIN)/python -m tests.docs.renew
	@$(BIN)/python -m sphinx -q -W --keep-going -E docs dist/docs
	@echo "The site is in dist/docs: open dist/docs/index.html."

format: $(READY)
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

schema: $(READY)
	@$(RUN) schema

bench: $(READY)
	@$(BIN)/python -c 'import ninja' 2>/dev/null || \
		$(BIN)/python -m pip install -q -c constraints.txt -e '.[bench]' >$(VENV)/install.txt 2>&1 || \
		echo "ninja could not be installed; its case is left out." >&2
	@$(BIN)/python bench/aims.py

# Cases are numbered and made anew from their numbers: FUZZ="--notes 1 --from 159" runs one of them again.
fuzz: $(READY)
	@$(BIN)/python -m tests.fuzz $(FUZZ)

clean:
	@rm -rf $(VENV) demo dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find generator tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so a set-up that was interrupted is done again. A Python without ensurepip (Debian without
# python3-venv) gets its pip from the pip or the uv that the machine has.
$(READY): pyproject.toml constraints.txt
	@python=; seen=; \
	for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		version=$$("$$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
		seen="$$seen $$name ($$version)"; \
		"$$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		python=$$name; \
		"$$name" -c 'import ensurepip' 2>/dev/null && break; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed; found:$${seen:- none}." >&2; \
		echo "Install it from your system's packages, or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
		exit 2; \
	fi; \
	echo "Setting up $(VENV) with $$python; this is done once and takes a minute or two."; \
	"$(BIN)/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		rm -rf $(VENV); \
		"$$python" -m venv $(VENV) >/dev/null 2>&1 || { \
			rm -rf $(VENV); \
			"$$python" -m venv --without-pip $(VENV) && { \
				"$$python" -m pip --python "$(BIN)/python" install --quiet pip >/dev/null 2>&1 || \
				uv pip install --quiet --python "$(BIN)/python" pip >/dev/null 2>&1; \
			}; \
		} || { \
			echo "$$python cannot make a virtual environment with pip in it." >&2; \
			echo "On Debian and Ubuntu: apt install python3-venv. Elsewhere: say which Python to use, with PYTHON=..." >&2; \
			exit 2; \
		}; \
	}; \
	"$(BIN)/python" -m pip install -c constraints.txt -e '.[dev]' >$(VENV)/install.txt 2>&1 || { \
		tail -n 25 $(VENV)/install.txt >&2; \
		echo "The packages could not be installed; the lines above say why. Nothing outside $(VENV) was changed." >&2; \
		exit 1; \
	}
	@touch $@
