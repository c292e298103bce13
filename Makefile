# Two commands: `make run` starts everything, `make test` passes the tests. Both set up what they need first.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test setup lint types imports fast slow integration browser bench corpus kafka ferretdb spark clean
.DEFAULT_GOAL := run

run: setup
	@$(BIN)/mediathek up

setup: $(STAMP) serving/web/static/vendor/.installed

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@echo "setup: installing Python packages (3-4 GB, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt -r requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

serving/web/static/vendor/.installed: $(STAMP) serving/web/package.json
	@echo "setup: bundling the pages' libraries"
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m serving.web.bundle
	@touch $@

test: setup lint types imports fast slow integration

lint:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types:
	@$(BIN)/mypy

imports:
	@$(BIN)/lint-imports

# Files of tests run side by side; a file's tests stay together, as they share what they set up.
WORKERS ?= 2
SIDE_BY_SIDE := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

fast:
	@$(BIN)/pytest $(SIDE_BY_SIDE) -m "not slow and not integration and not browser and not kafka"

slow:
	@$(BIN)/pytest $(SIDE_BY_SIDE) -m "(slow or kafka) and not integration and not browser"

# Pages are looked at in a real browser over the same simulated day.
integration:
	@$(BIN)/pytest -m "integration or browser"

browser:
	@$(BIN)/pytest -m browser

bench: setup
	@$(BIN)/python -m benchmarks.run_all

# Real voices and music for ad detection's corpora: 0.6 GB of Debian packages into the cache, train and test apart.
corpus:
	@bash training/ad_detection/fetch_recordings.sh .cache/recordings

kafka: .cache/kafka/.complete

.cache/kafka/.complete: docker/kafka/pom.xml
	@command -v mvn >/dev/null && command -v java >/dev/null || { echo "kafka: needs Maven and Java 17 (apt-get install maven openjdk-17-jre-headless)"; exit 1; }
	@echo "kafka: fetching the broker's jars from Maven Central (46 MB, once)"
	@rm -rf .cache/kafka
	@mvn -q -B -f docker/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.cache/kafka -DincludeScope=runtime
	@touch $@

ferretdb: .cache/ferretdb/ferretdb

.cache/ferretdb/ferretdb: docker/ferretdb/main.go docker/ferretdb/go.mod docker/ferretdb/go.sum
	@command -v go >/dev/null || { echo "ferretdb: needs Go 1.22 or newer"; exit 1; }
	@echo "ferretdb: building a server that speaks MongoDB's protocol (a minute, once)"
	@cd docker/ferretdb && go build -o $(CURDIR)/$@ .

# Household evidence on Spark: 480 MB of packages, then the tests that need them.
spark: setup
	@command -v java >/dev/null || { echo "spark: needs Java 17 (apt-get install openjdk-17-jre-headless)"; exit 1; }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -r requirements-spark.txt
	@$(BIN)/pytest tests/dbt/test_household_sightings.py

clean:
	rm -rf $(VENV) serving/web/static/vendor .cache
