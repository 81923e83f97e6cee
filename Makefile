# Every command of the project. Most are implemented in tools/ (python -m tools --help).

PYTHON ?= python3
PORT ?= 4566
USER_DEFAULT := demo
# Compiled by `make mutants-domain`, because it has no binary release for every platform.
CARGO_MUTANTS := 27.1.0

# Only a USER on make's command line counts: in the environment it is the login name.
WHO := $(if $(filter command line,$(origin USER)),$(USER),$(USER_DEFAULT))

LOCAL := .venv/bin/python -m tools --port $(PORT)

.DEFAULT_GOAL := help
.PHONY: help find generate up down clean distclean demo checkout logs token deploy rush mutants roles hostile soak load drills mutants-domain fuzz bench test prove fmt lint lock tools checks web pages screens

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

up: tools ## build the shop, run it on this machine and play the demo (PORT=4566, RELEASE=1: the deployed binaries)
	@$(LOCAL) up $(if $(RELEASE),--release)

down: ## stop the running shop and keep its state
	@if [ -x .venv/bin/python ]; then $(LOCAL) down; else echo "the stack is not running"; fi

clean: ## stop the running shop and delete its state
	@if [ -x .venv/bin/python ]; then $(LOCAL) clean; fi

distclean: clean ## also delete the installed tools and all build results
	@rm -rf .venv .venv-checks .venv-bench .venv-node .local .aws-sam target

demo: ## play the demo again
	@$(LOCAL) demo

checkout: ## create an unpaid order and print its checkout URL: METHOD=ECPAY, NEWEBPAY, LINE_PAY
	@$(LOCAL) checkout $(METHOD)

web: tools ## serve the shop page with hot reload against the running shop (PAGE=console: the console)
	@$(PYTHON) tools/environments/bootstrap.py --no-tools node
	@.venv/bin/python -m tools.local.web $(PORT) $(or $(PAGE),shop)

pages: tools checks ## test the flows of both pages in a real browser, on the running shop
	@$(LOCAL) describe >/dev/null
	@.venv/bin/python -m tools.checks.pages .local/millrun/stack.json flows

screens: tools checks ## draw a screenshot of every screen into docs/screens
	@$(LOCAL) describe >/dev/null
	@.venv/bin/python -m tools.checks.pages .local/millrun/stack.json screens

logs: ## show the log of a function: F=place_order, LINES=50, FOLLOW=1
	@$(LOCAL) logs $(F) $(if $(LINES),--lines $(LINES)) $(if $(FOLLOW),--follow)

find: tools ## list every file of a use case, and the scenarios that run it: F=place_order
	@$(LOCAL) find $(F)

token: ## print a new access token: USER=demo, other or admin
	@$(LOCAL) token $(WHO)

deploy: tools ## deploy to a real AWS account; asks for the parameters the first time (GUIDED=1: again)
	@$(LOCAL) deploy $(if $(GUIDED),--guided)

rush: ## simulate a million requests for 10,000 coupons in virtual time (SEED=1, SCALE=1; minutes)
	@cargo run --quiet --example flash_sale

mutants: tools ## test wrong versions of the product: a test must fail for each (ONLY="coupon refund"; 10 min)
	@.venv/bin/python -m tools.checks.mutants $(ONLY)

roles: tools ## remove each action from its role: a test must fail for each (ONLY="refund_payment sns:", RECORDED=1; 15 min)
	@.venv/bin/python -m tools.checks.roles $(if $(RECORDED),--recorded) $(ONLY)

hostile: tools checks ## send invalid and unusual requests, generated from the contract, to the running shop (EXAMPLES=200, SEED=…)
	@$(LOCAL) describe >/dev/null
	@.venv-checks/bin/python -m tools.checks.hostile --examples $(or $(EXAMPLES),200) $(if $(SEED),--seed $(SEED)) \
	  .local/millrun/stack.json

soak: ## play random runs of the whole shop with faults until one fails (SEED=7, SECONDS=600; HELP=1)
	@env SEED=$(SEED) SECONDS=$(SECONDS) cargo run --quiet --bin simulation -- $(if $(HELP),--help)

load: tools checks ## play mixed traffic with faults, kills and an outage of the bus, then check audit and memory (MINUTES=30, SEED=1)
	@$(LOCAL) load $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

drills: tools checks ## run every command of docs/runbook.md on a stack with injected faults (2 min)
	@$(LOCAL) drills

mutants-domain: ## run cargo-mutants on the domain rules (47 min)
	@cargo install --quiet --locked --version $(CARGO_MUTANTS) --root target/tools cargo-mutants
	@PATH="$(CURDIR)/target/tools/bin:$$PATH" cargo mutants --package domain --output target/mutants $(if $(RESUME),--iterate)

fuzz: tools ## search for input that the parsers cannot handle: TARGET=requests, SECONDS=180
	@.venv/bin/python -m tools.checks.fuzz $(if $(TARGET),--target $(TARGET)) $(if $(SECONDS),--seconds $(SECONDS))

bench: tools checks ## measure the performance budgets: current value, gate and goal (ONLY="P5 P6", RUNS=50; under 15 min)
	@$(PYTHON) tools/environments/bootstrap.py --no-tools bench
	@.venv-bench/bin/python -m tests.bench --runs $(or $(RUNS),50) $(ONLY)

test: tools checks ## run every check (TIERS="format lint": only these)
	@$(LOCAL) test $(TIERS)

prove: tools checks ## run the long checks, for hours: random runs, mutants, roles, load, fuzzing (ONLY="roles load", FRESH=1)
	@$(LOCAL) prove $(ONLY) $(if $(FRESH),--fresh)

generate: ## write the files generated from the use cases' manifests: infra/functions, openapi.json, events/README.md
	@cargo run --quiet --package generate

fmt: checks ## format the code
	@cargo fmt --all
	@.venv-checks/bin/ruff format --quiet tools tests/bench

lint: tools checks ## run clippy on every target, and ruff
	@$(LOCAL) test lint

lock: tools ## update the lock files of the Python tools
	@for name in installer local checks bench node; do \
	  .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
	    --custom-compile-command "make lock" tools/environments/$$name.in --output-file tools/environments/$$name.txt || exit 1; \
	done

tools:
	@$(PYTHON) tools/environments/bootstrap.py run node

checks:
	@$(PYTHON) tools/environments/bootstrap.py --no-tools node checks
