# `make help` lists what can be done. Needs python3 (3.10 or newer) with venv; all the rest goes into .venv and .meltano.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
TABLES := target-postgres target-csv
PLUGINS := $(shell find tap-intervals-icu target-influxdb -path '*/tests' -prune -o \( -name '*.py' -o -name pyproject.toml \) -print)
# Each run starts a few hundred modules: compile them once, whatever the environment says about bytecode.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE
PIP_INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt

.venv/uv: constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("Python 3.10 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	touch $@

.venv/meltano: .venv/uv requirements.txt
	$(PIP_INSTALL) -r requirements.txt
	touch $@

.venv/plugins: .venv/meltano meltano.yml $(PLUGINS)
	mkdir -p .meltano && chmod 700 .meltano # where Meltano hands the keys to the plugins
	$(BIN)/meltano --log-level=warning install extractor tap-intervals-icu
	$(BIN)/meltano --log-level=warning install loader target-influxdb
	-$(BIN)/python -m sync tidy
	touch $@

.venv/demo: .venv/plugins requirements-demo.txt
	$(PIP_INSTALL) -r requirements-demo.txt
	touch $@

.venv/dev: .venv/plugins requirements-dev.txt requirements-demo.txt tap-intervals-icu/pyproject.toml target-influxdb/pyproject.toml
	$(PIP_INSTALL) -r requirements-dev.txt
	$(BIN)/meltano --log-level=warning install loader $(TABLES)
	touch $@

# Many athletes on several machines (docs/scale.md): Airflow in an environment of its own.
.venv-scale/ready: .venv/uv scale/requirements.txt scale/constraints.txt
	$(BIN)/python -c 'import sys; sys.version_info >= (3, 11) or sys.exit("scale/ needs Python 3.11 or newer")'
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-scale
	$(BIN)/uv pip install --quiet --python .venv-scale/bin/python --constraint scale/constraints.txt -r scale/requirements.txt
	touch $@

# What the tap needs to share its pace with other processes (its extra `shared`).
.venv-scale/shared: .venv/plugins .venv-scale/ready
	$(BIN)/uv pip install --quiet --python .meltano/extractors/tap-intervals-icu/venv/bin/python \
		--constraint constraints.txt redis 'psycopg[binary,pool]'
	touch $@

.PHONY: install scale-up scale-workers scale-down scale-status scale-test scale-constraints demo sync serve verify reset test test-all lint bench boards boards-imperial pictures docs clean help

install: .venv/plugins ## Set up Meltano and the two plugins in .venv and .meltano

demo: .venv/demo ## Sync a synthetic athlete, show what arrived, and draw a page for the browser from it
	@$(BIN)/python -m demo

sync: .venv/plugins ## Sync once, with the settings of .env
	@$(BIN)/python -m sync run-once $(OPTIONS)

serve: .venv/plugins ## Sync now and every SYNC_INTERVAL_MINUTES
	@exec $(BIN)/python -m sync

verify: .venv/plugins ## Compare the database with the account; OPTIONS=--repair mends what differs
	@$(BIN)/python -m sync verify $(OPTIONS)

reset: .venv/plugins ## Delete what the database holds, after asking, so that the next sync begins anew
	@$(BIN)/python -m sync reset $(OPTIONS)

# The boards are written with a package that needs Python 3.11. With 3.10 all the rest is checked.
NO_BOARDS = $(shell $(BIN)/python -c 'import sys; sys.version_info < (3, 11) and print("|^(tests/)?grafana/")')

# Three for two cores: many tests wait for a server. In the order of the folders, so that the last files are short.
PYTEST := $(BIN)/pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder

test: lint ## Set up, then lint and test (about 5 minutes the first time)
	$(PYTEST) -m "not long"

test-all: test ## The same and the tests that take minutes
	$(PYTEST) -m long

# Of GitHub's own files: as it publishes their forms, and by actionlint where that is installed or Go can build it.
ACTIONLINT := 1.7.12
CHECK_FORM := $(BIN)/check-jsonschema --quiet --builtin-schema vendor
.venv/actionlint: .venv/uv
	@if program=$$(command -v actionlint); then ln -sf "$$program" $(BIN)/actionlint; \
	elif command -v go >/dev/null; then \
		GOTOOLCHAIN=local GOBIN=$(CURDIR)/$(BIN) go install github.com/rhysd/actionlint/cmd/actionlint@v$(ACTIONLINT) || true; fi
	@touch $@

lint: .venv/dev .venv/actionlint ## ruff and mypy, and GitHub's files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy . $(if $(NO_BOARDS),--follow-imports=silent) --exclude '^t[^/]*-[^/]*/tests/$(NO_BOARDS)'
	$(BIN)/mypy tap-intervals-icu/tests # apart, as module names repeat
	$(BIN)/mypy target-influxdb/tests
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then set -ex; \
		$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache; \
		$(BIN)/zizmor --quiet --offline .github; \
		$(CHECK_FORM).github-workflows .github/workflows/*.yml; \
		$(CHECK_FORM).dependabot .github/dependabot.yml; \
		$(CHECK_FORM).github-issue-config .github/ISSUE_TEMPLATE/config.yml; \
		$(CHECK_FORM).github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml)); \
	else echo "NOT CHECKED: .github, and what imports what; these checks need Python 3.11 or newer"; fi
	@if test -x $(BIN)/actionlint; then $(BIN)/actionlint; else echo "NOT CHECKED with actionlint: neither it nor Go is here"; fi

bench: .venv/dev ## Measure against the old tool, and each watched figure beside its goal, and write docs/figures.md (25 minutes; QUICK=1: three, and no page)
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick,--page)

constraints: .venv/dev ## Pin the newest versions that go together
	printf '%s\n' uv $(TABLES:%=meltanolabs-%) | $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 \
		--no-header --no-annotate --no-emit-package tap-intervals-icu --no-emit-package target-influxdb \
		requirements-dev.txt - --output-file constraints.txt

WORKERS ?= 2
SCALE := PYTHONPATH=$(CURDIR) .venv-scale/bin/python -m scale.local
scale-up: .venv-scale/shared ## Many athletes: start Airflow, PostgreSQL, Redis and WORKERS=2 here
	@$(SCALE) up $(WORKERS)

scale-workers: ## Start or stop workers, so that there are WORKERS; the rest runs on
	@$(SCALE) workers $(WORKERS)

scale-down: ## Stop them; nothing is lost
	@$(SCALE) down

scale-status: ## Show what of them runs
	@$(SCALE) status

scale-test: .venv/dev .venv-scale/shared ## Test them: 100 athletes, faults, webhooks (some 10 minutes)
	SCALE_TESTS=1 $(BIN)/pytest -n0 tests/scale

scale-constraints: .venv/uv ## Pin the newest versions that go together
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-annotate \
		scale/requirements.txt --output-file scale/constraints.txt

boards: .venv/dev ## Write grafana/dashboards anew from grafana/boards
	$(BIN)/python -m grafana

boards-imperial: ## Write grafana/dashboards-imperial: miles, feet, pounds, degrees Fahrenheit
	$(PYTHON) -m grafana.imperial grafana/dashboards grafana/dashboards-imperial

pictures: .venv/dev ## Draw the boards into docs/pictures (needs Node.js, npm and Chromium; a minute)
	$(BIN)/python -m grafana.preview

docs: .venv/dev ## Build the documentation site into build/docs
	@$(BIN)/python -m website && echo "file://$(CURDIR)/build/docs/index.html"

clean: ## Remove what was set up here; what Meltano knows about past syncs and the archive stay
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find .meltano -mindepth 1 -maxdepth 1 ! -name 'meltano.db*' ! -name archive -exec rm -rf {} + 2>/dev/null || true

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-17s %s\n", $$1, $$2}'
