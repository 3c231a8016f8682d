# Every target installs what it needs: `make demo` and `make test` work from a fresh clone with Python 3.11 or later and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv where it is there, else plain pip: the pins in pyproject.toml resolve with both.
UV := $(shell command -v uv 2>/dev/null)
GOLD := tests/gold

.PHONY: demo test check format bench bench-backfill crash-backfill torture crash simulate constraints gold-check evaluate evaluate-test clean train

demo: $(VENV)/.run
	$(BIN)/keoson demo

test: $(VENV)/.test
	$(BIN)/python -m pytest $(TESTS)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# With MEMORY=1 also the memory of an ingest of 20,000 pages; ten minutes or more.
bench: $(VENV)/.test
	$(BIN)/python -m benchmarks $(if $(MEMORY),--memory)

# Backfills of two WARC files of 20,000 pages each: pace against trafilatura alone, and memory; about 16 minutes.
bench-backfill: $(VENV)/.test
	$(BIN)/python -m benchmarks.backfill

# kill -9 at 20 random points of backfills, resumed until they are done.
crash-backfill: $(VENV)/.test
	$(BIN)/python -m tests.backfill.crash

gold-check: $(VENV)/.test
	$(BIN)/python -m keoson.evaluation.check $(GOLD)

evaluate: $(VENV)/.run
	$(BIN)/keoson evaluate $(GOLD)/development

# Prints totals only, and notes them with date and commit: nobody who writes rules opens this part.
evaluate-test: $(VENV)/.run
	$(BIN)/keoson evaluate $(GOLD)/test --history $(GOLD)/HISTORY.md

# Misbehaving outlets on loopback, through the real ingest: what was expected of each, and what was seen.
torture: $(VENV)/.test
	$(BIN)/python -m tests.torture

# kill -9 at 50 random points of an ingest of the torture press; minutes.
crash: $(VENV)/.test
	$(BIN)/python -m tests.crash

# Two days of a schedule in simulated time, 60 outlets with outages and moves: politeness, adaptive polling, nothing fetched twice.
simulate: $(VENV)/.test
	$(BIN)/python -m tests.simulation

# Weights of extractors/classifiers, from the texts that may be read. scikit-learn is needed here only.
train: $(VENV)/.test
	$(INSTALL) --editable '.[test,train]'
	$(BIN)/python -m scripts.train_classifiers $(GOLD)/snippets.tsv $(GOLD)/articles.txt $(GOLD)/practice $(GOLD)/train $(GOLD)/first

constraints: $(VENV)/.test
	@{ sed -n 1p constraints.txt; $(BIN)/python -m pip freeze --exclude-editable --exclude keoson; } > constraints.new && mv constraints.new constraints.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Keoson needs Python 3.11 or later; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
ifdef UV
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif
	@touch $@

ifdef UV
INSTALL = $(UV) pip install --quiet --python $(BIN)/python --constraint constraints.txt
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
endif

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/.created
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/.created
	$(INSTALL) --editable '.[test]'
	@touch $@ $(VENV)/.run
