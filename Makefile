# `make` lists the targets.

PORT ?= 8000
PYTHON ?= python3
# Test processes: more than the two cores of CI, because tests of browsers and databases wait.
WORKERS ?= 4
# Additional arguments for the command of a target: make test ARGS="-k ledger", make lock ARGS=--upgrade
ARGS ?=
# make chaos RELEASE=1, make bench RELEASE=1: the large sizes of docs/proof.md
RELEASE ?=

VENV := .venv
BIN := $(VENV)/bin
hash = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
# Named after a hash of the locked requirements, so that a changed lock file installs again.
RUN_TOOLS := $(VENV)/.run-$(call hash,requirements.txt)
DEV_TOOLS := $(VENV)/.dev-$(call hash,requirements-dev.txt)
LOCK_TOOLS := $(VENV)/lock

NEW_KEY = $$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(60))')
ON_NOTHING := DEBUG=0 DATABASE_URL=sqlite://:memory: REDIS_URL=
IN_PRODUCTION := $(ON_NOTHING) SECURE_SSL_REDIRECT=1 ALLOWED_HOSTS=example.org SITE_URL=https://example.org \
	EMAIL_URL=smtp+tls://mail.example.org:587 DEMO=0 RATELIMIT_ENABLE=1

# Each process begins with a part of the files, whose fixtures it makes once, and takes over from others when it is done.
TEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
WITH_SERVERS := $(BIN)/python -m tests.servers --postgres --redis -- $(BIN)/python -m benchmarks

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Keep compiled code, also where the environment says not to: tests and benchmarks start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
CHECKS := check-types check-secrets check-format check-style check-imports check-migrations check-settings \
	check-production check-schema check-audit
.PHONY: help run test lint format messages chaos bench lock clean $(CHECKS)

help: ## Show this list
	@echo "SkillQuest. Targets:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN_TOOLS) .env ## Install, load catalogues and demo users, serve on PORT (8000)
	@$(PYTHON) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || \
		{ echo 'Port $(PORT) is taken. Try another: make run PORT='$$(($(PORT) + 1)); exit 1; }
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_catalogue --once
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@echo
	@if grep -q '^DEMO=1' .env; then LOG_LEVEL=WARNING $(BIN)/python manage.py load_demo; fi
	@printf '\n  SkillQuest is at  http://127.0.0.1:%s/  (the admin at /admin/, the API at /api/v1/docs). Ctrl-C stops it.\n\n' $(PORT)
	@grep -qs '^SITE_URL=.' .env || export SITE_URL="$${SITE_URL:-http://127.0.0.1:$(PORT)}"; \
		exec $(BIN)/gunicorn skillquest.wsgi --workers 1 --threads 8 --bind 127.0.0.1:$(PORT) --log-level warning

test: $(DEV_TOOLS) ## Run every test, and the tests that use the database again on PostgreSQL and Redis
	$(TEST) $(ARGS)
	$(BIN)/python -m tests.servers --postgres --redis -- $(TEST) -m storage $(ARGS)$(if $(ARGS), || [ $$? -eq 5 ])

# Two at once; the longest begins, and what each prints stays together.
lint: $(DEV_TOOLS) ## Check format, style, import rules, types, migrations, settings, API schema, secrets, vulnerabilities
	@$(MAKE) --no-print-directory --jobs=2 --output-sync $(CHECKS)

check-types:
	SECRET_KEY=$(NEW_KEY) $(ON_NOTHING) $(BIN)/mypy

check-secrets:
	$(BIN)/python .ci/scan_secrets.py

check-format:
	$(BIN)/ruff format --check .

check-style:
	$(BIN)/ruff check .

check-imports:
	$(BIN)/lint-imports

check-migrations:
	SECRET_KEY=$(NEW_KEY) $(ON_NOTHING) $(BIN)/python manage.py makemigrations --check --dry-run

check-settings:
	SECRET_KEY=$(NEW_KEY) $(ON_NOTHING) $(BIN)/python manage.py check --fail-level WARNING

check-production:
	SECRET_KEY=$(NEW_KEY) $(IN_PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

check-schema:
	SECRET_KEY=$(NEW_KEY) $(ON_NOTHING) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

check-audit:
	$(BIN)/python .ci/audit.py

format: $(DEV_TOOLS) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(DEV_TOOLS) ## Collect every text that people meet into locale/, and compile the translations (needs GNU gettext)
	SECRET_KEY=$(NEW_KEY) $(ON_NOTHING) $(BIN)/python manage.py update_messages

chaos: $(DEV_TOOLS) ## Test with crashes, overload and fuzzing, for minutes; RELEASE=1 adds planted bugs, for an hour
	$(WITH_SERVERS) chaos $(if $(RELEASE),--release)

bench: $(DEV_TOOLS) ## Measure a real server under load on PostgreSQL and on SQLite; RELEASE=1 for longer
	$(WITH_SERVERS) bench $(if $(RELEASE),--release)

lock: $(LOCK_TOOLS) ## Resolve requirements*.in into requirements*.txt with hashes
	$(LOCK_TOOLS)/bin/pip install --quiet uv==0.13.8
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK_TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url $(ARGS) --output-file requirements.txt requirements.in
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(LOCK_TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url $(ARGS) --output-file requirements-dev.txt requirements-dev.in

clean: ## Remove what was built; keeps the database and .env
	rm -rf $(VENV) build staticfiles .ruff_cache .import_linter_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@PYTHON=$(PYTHON) ./.ci/make-venv $(VENV)

$(LOCK_TOOLS): | $(BIN)/pip
	$(BIN)/python -m venv $@

$(RUN_TOOLS): | $(BIN)/pip
	@echo "Installing the requirements of SkillQuest..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	@rm -f $(VENV)/.run-*; touch $@

$(DEV_TOOLS): | $(BIN)/pip
	@echo "Installing the requirements of tests and linters..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	@rm -f $(VENV)/.dev-*; touch $@

.env:
	@umask 077; { echo '# Made by `make run` for trying things out on this machine; .env.example explains every variable.'; \
		echo "SECRET_KEY=$(NEW_KEY)"; echo 'DEMO=1'; } > $@
