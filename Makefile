# Thin on purpose: the work is in scripts/, which can be called without make.
export CONFIGURATION ?= release

.DEFAULT_GOAL := help
.PHONY: run test test-faults bench lint format build clean help

run: ## Install what is missing, build, and start Postern with a private PostgreSQL
	@scripts/run

test: ## Install what is missing, build, and run every check that a commit must pass
	@scripts/test

test-faults: ## Kill, stop, reload and upgrade under load, for as long as it takes
	@scripts/test-faults

bench: ## Measure the load scenarios beside a peer and ceilings
	@scripts/bench

lint: ## Check the format, the layers, the documentation and the scripts
	@scripts/install lint
	@scripts/lint

format: ## Write the format that lint checks
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

build: ## Install what is missing and build the executable
	@scripts/install run
	@scripts/build

clean: ## Remove what was built; the development data in .postern/ stays
	@rm -rf .build

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done
