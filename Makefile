# What one does with this project; `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
ARGS ?=
# Two workers, each with servers of its own; whoever is done first takes over from the other.
TOGETHER := -n 2 --dist worksteal
export PYTHON

.PHONY: help
help: ## List what one can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: ## Set up what is missing and start the portal on this machine (ARGS="--port 9000")
	@deploy/setup/python.sh embedded
	@exec $(BIN)/portal up $(ARGS)

.PHONY: setup
setup: ## Make .venv with all that tests and checks need
	@deploy/setup/python.sh dev

.PHONY: test
test: setup ## Run all tests, on a real MongoDB and RabbitMQ (ARGS="tests/unit -k totp")
	@deploy/setup/rabbitmq.sh
	@deploy/setup/foreign.sh
	@deploy/setup/wrk.sh
	@deploy/setup/chromium.sh
	@$(BIN)/python -m pytest $(or $(ARGS),$(TOGETHER))

.PHONY: check
check: setup ## Check format, rules, types, imports and generated documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.docs --check

.PHONY: format
format: setup ## Format the code and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: setup ## Generate the documents that are made from the code
	$(BIN)/python -m tools.docs

.PHONY: bench
bench: setup ## Measure speed beside yardsticks, in one run (ARGS="gateway bus")
	@deploy/setup/rabbitmq.sh
	@deploy/setup/wrk.sh
	@deploy/setup/rivals.sh
	@$(BIN)/python -m bench $(ARGS)

.PHONY: mail-previews
mail-previews: setup ## Draw every mail as a picture, light and dark, into build/mail-previews
	@deploy/setup/chromium.sh
	@$(BIN)/python -m tools.mail_previews

.PHONY: lock
lock: setup ## Choose the newest fitting versions and lock them by hash
	@deploy/setup/lock.sh

.PHONY: clean
clean: ## Remove what set-up and tools made; the data in .data/ stays
	rm -rf .venv .venv.lock .venv.rivals tests/foreign/node_modules tests/foreign/.lock .state build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
