.POSIX:
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
THOROUGH := --hypothesis-profile=thorough tests/messaging/test_rollups.py tests/messaging/deliverability/test_counts.py \
  tests/messaging/incoming/test_malformed_webhooks.py

# Resolved for every platform and pinned by hash; a lock file names no host.
LOCK := uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

.PHONY: help run setup dev test office contract upgrades fuzz faults load check bench bench-large bench-load lock clean

help:            ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

setup: .venv/.runtime  ## make .venv from the lock file

.venv/.runtime: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the packages of requirements.lock …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

dev: .venv/.development  ## add the tools for tests and checks to .venv

.venv/.development: .venv/.runtime requirements-dev.lock
	@echo "Installing the packages of requirements-dev.lock …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: setup       ## start web, worker and sandbox carrier with demo data on http://127.0.0.1:8000
	@DEBUG=on $(BIN)/python manage.py run

test: .venv/.development  ## all tests on SQLite and PostgreSQL, in Chromium and behind nginx
	@$(BIN)/python tests/browser/install.py
	@$(BIN)/python tests/production/install.py
	$(BIN)/python -m tests.on_both

office: .venv/.development  ## open downloads in LibreOffice: no formula, no digit lost
	@$(BIN)/python tests/office/install.py
	$(BIN)/pytest -m office tests/office

contract: .venv/.development  ## compare with Twilio's API description and segment counter; says what it needs
	NODE_MODULES="$(NODE_MODULES)" TWILIO_OPENAPI="$(TWILIO_OPENAPI)" $(BIN)/pytest -q -s -m contract tests/reference

upgrades: .venv/.development  ## compare upgraded databases with a fresh one, a few minutes
	$(BIN)/pytest -q -m upgrades tests/upgrades
	$(BIN)/python tests/with_postgres.py $(BIN)/pytest -q -m upgrades tests/upgrades

fuzz: .venv/.development  ## 100,000 searches, and writes whose counts must stay right, an hour or so
	SEARCH_EXAMPLES=100000 $(BIN)/pytest tests/search/language/test_fuzz.py
	SEARCH_EXAMPLES=10000 $(BIN)/python tests/with_postgres.py $(BIN)/pytest tests/search/language/test_fuzz.py
	SEARCH_EXAMPLES=10000 $(BIN)/pytest tests/search/differential
	SEARCH_EXAMPLES=10000 $(BIN)/python tests/with_postgres.py $(BIN)/pytest tests/search/differential
	$(BIN)/pytest $(THOROUGH) tests/search/language/test_grammar.py
	$(BIN)/python tests/with_postgres.py $(BIN)/pytest $(THOROUGH)

faults: .venv/.development  ## kill and freeze workers for a quarter of an hour; prints what came twice
	FAULT_ROUNDS=$${FAULT_ROUNDS:-20} $(BIN)/pytest -q -s tests/faults/test_a_full_disk.py
	FAULT_ROUNDS=$${FAULT_ROUNDS:-20} $(BIN)/python tests/with_postgres.py $(BIN)/pytest -q -s tests/faults tests/faults/replica.py

load: .venv/.development  ## half an hour of load, a worker killed each minute; prints what came twice
	LOG_LEVEL=ERROR $(BIN)/python tests/with_postgres.py $(BIN)/pytest -q -s tests/faults/load.py

check: .venv/.development  ## lint, types, imports, migrations, templates, wording, deployment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/pytest --quiet tests/test_plain_english.py
	DEBUG=on $(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=off ALLOWED_HOSTS=sms.example PUBLIC_URL=https://sms.example CARRIERS=twilio \
	  TWILIO_ACCOUNT_SID=none TWILIO_AUTH_TOKEN=none TRUSTED_PROXIES=1 \
	  DATABASE_URL=postgresql:///none \
	  SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
	  $(BIN)/python manage.py check --deploy

bench: .venv/.development  ## measure what docs promise; prints ratios
	DATABASE_URL=sqlite:///var/smscenter.sqlite3 $(BIN)/python -m benchmarks
	$(BIN)/python tests/with_postgres.py $(BIN)/python -m benchmarks

bench-large: .venv/.development  ## a million leads, ten million texts; benchmarks/large/__main__.py says what it needs
	$(BIN)/python -m benchmarks.large $(if $(LEADS),--leads $(LEADS))

bench-load: .venv/.development  ## an installation under load; OPTIONS="--help" lists its options
	@$(BIN)/python tests/production/install.py
	$(BIN)/python -m benchmarks.production $(OPTIONS)

lock:            ## resolve pyproject.toml again (needs uv)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --group dev -o requirements-dev.lock

clean:           ## remove what the other targets made, the demo database too
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache
