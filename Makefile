# Needs Python 3.11 or newer, make and a package index; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet
# A long count may well take more than the three minutes after which a test counts as hanging.
PROVE := AZFILES_PROOF=1 AZFILES_REQUIRE_FOREIGN=1 $(RUN) -m pytest -q -s -o faulthandler_timeout=3600
# Workers and started processes share what was compiled, also where a user has turned that off.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test lint types coverage check foreign-tools oracle mutation mutation-sample proof bench bench-quick docs clean

help:
	@echo 'make demo   real files through a served simulator, recorded and replayed'
	@echo 'make test   the tests (Python only)'
	@echo 'make lint   ruff and the import contracts'
	@echo 'make types  mypy --strict and pyright strict'
	@echo 'make coverage  the tests with the branch coverage gate'
	@echo 'make check  lint, types and coverage'
	@echo 'make foreign-tools  what the JavaScript SDK, rclone, azcopy, Azurite, promtool, pandas and Dask tests need (Node, npm, apt)'
	@echo 'make oracle  the long comparison with Azurite (needs make foreign-tools); goes on where it stopped'
	@echo 'make mutation  the mutation score of the protocol core and the model; goes on where it stopped'
	@echo 'make proof  all long counts but mutation: kills, malformed requests, explored seeds, faults, the model machine on'
	@echo '            every arm, Azurite (needs make foreign-tools); goes on where it stopped'
	@echo 'make bench  all tables into benchmarks/results.md and .svg, on a machine that does nothing else (Node, npm, apt)'
	@echo 'make bench-quick  the same in small sizes, printed: only to see that it runs'
	@echo 'make docs   the site, into build/docs; a warning is an error'

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'azfiles needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 ...' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready-to-run: $(RUN) pyproject.toml
	$(PIP) install --editable '.[demo]'
	@touch $@

$(VENV)/.ready-to-test: $(RUN) pyproject.toml
	$(PIP) install --editable '.[development]'
	@# Compiled here once: else both workers of the first make test compile all the same files, and say what fails.
	@$(RUN) -m pytest --collect-only -qq >/dev/null || true
	@touch $@ $(VENV)/.ready-to-run

demo: $(VENV)/.ready-to-run
	$(RUN) docs/demo

test: $(VENV)/.ready-to-test
	$(RUN) -m pytest -n 2 -q

lint: $(VENV)/.ready-to-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports

types: $(VENV)/.ready-to-test
	$(VENV)/bin/mypy
	$(VENV)/bin/pyright

coverage: $(VENV)/.ready-to-test
	AZFILES_THOROUGH=1 $(RUN) -m pytest -n 2 -q --cov --cov-report=term

check: lint types coverage

foreign-tools: $(VENV)/.ready-to-test
	$(PIP) install --editable '.[foreign,ecosystem]'
	npm ci --no-audit --no-fund --prefix tests/foreign/node
	npm ci --no-audit --no-fund --ignore-scripts --prefix tests/oracle/node
	@ldconfig -p | grep -q libsecret-1 || { apt-get update -qq && apt-get install -qq -y --no-install-recommends libsecret-1-0; }
	@{ command -v chromium && command -v chromedriver; } >/dev/null || \
	  { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium chromium-driver; }
	@# promtool alone: installing the package would also start a server.
	@test -x $(VENV)/bin/promtool || { cd $(VENV) && \
	  { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; } && \
	  dpkg-deb --extract prometheus_*.deb prometheus && mv prometheus/usr/bin/promtool bin/ && rm -r prometheus*; }

oracle: $(VENV)/.ready-to-test
	$(PROVE) tests/oracle

mutation: $(VENV)/.ready-to-test
	$(RUN) -m tests.mutation

mutation-sample: $(VENV)/.ready-to-test
	$(RUN) -m tests.mutation --tests tests/core tests/model --count 60 --floor 75

proof: $(VENV)/.ready-to-test
	$(PROVE) tests/crash tests/fuzz tests/explore tests/machines tests/oracle tests/flows tests/faults tests/locks \
	  tests/transfers tests/trees
	$(RUN) -m tests.proof

$(VENV)/.ready-to-bench: foreign-tools
	$(PIP) install --editable '.[development,benchmarks]'
	npm ci --no-audit --no-fund --ignore-scripts --prefix benchmarks/node
	@touch $@

bench: $(VENV)/.ready-to-bench
	$(RUN) benchmarks

bench-quick: $(VENV)/.ready-to-bench
	$(RUN) benchmarks --quick

$(VENV)/.ready-for-docs: $(RUN) pyproject.toml
	$(PIP) install --editable '.[docs]'
	@touch $@

docs: $(VENV)/.ready-for-docs
	$(RUN) -m sphinx --quiet --jobs auto --fail-on-warning --keep-going -b html docs build/docs
	$(RUN) docs/check_site.py build/docs
	@echo 'build/docs/index.html'

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*
