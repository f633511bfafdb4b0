# `make` lists what there is to do. Each target sets up what it needs first; the second time that takes no time.

STACK ?= local
export STACK

# The stack's settings, for people who don't know Pulumi yet: `make up DATASET=my.csv TARGET=price ID=customer`.
# They are taken from make's command line alone (PORT may be in the environment for other reasons, USER always is), and handed on
# as they were typed: no $, quote or space in them means anything to make or to a shell.
settings := CLOUD DATASET SOURCE AIRTABLE TARGET ID DROP KINDS MISSING GROUP TIME TASK FRAMEWORK ESTIMATOR OWNED USER ITEM WHEN AMOUNT HORIZON KEEP_EVENTS BUDGET OBJECTIVE POSITIVE ENCODING SHEET MODEL PORT
of_package := ARCH
named := $(foreach s,$(settings) $(of_package),$(if $(findstring command,$(origin $s)),$s))
$(foreach s,$(named),$(eval export SET_$s := $$(value $s)))
unexport $(named)
export CALLED_FROM := $(or $(PWD),$(CURDIR))

# A misspelt setting would be a setting that is not there, and nobody would notice.
ifneq ($(filter up,$(MAKECMDGOALS)),)
typed := $(foreach v,$(.VARIABLES),$(if $(findstring command,$(origin $v)),$(if $(findstring -*-,$v),,$v)))
unknown := $(strip $(filter-out $(settings) STACK MAKEFLAGS,$(typed)))
$(if $(unknown),$(error $(unknown) is no setting of `make up`; there are $(settings), and STACK. What else Pulumi.yaml \
has is set by `tools/pulumi config set KEY VALUE --stack STACK`; what is meant for the environment goes before: NAME=value \
make up))
endif

# Of the tests: tests/support/areas.py says which case is in which.
areas := core local aws gcp azure slow

.DEFAULT_GOAL := help
.PHONY: help up predict down package test test-all coverage test-setup $(areas:%=test-%) check format bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  STACK=name  another stack than local          up: $(settings:%=%=)"

up: ## create or update the stack: data, trained model, HTTPS endpoint
	@tools/python -m tools.up

predict: ## send the sample request to the endpoint and print the answer
	@tools/python -m tools.predict

down: ## destroy the stack
	@tools/down

package: ## make what CLOUD=aws [ARCH=arm64], gcp or azure deploys, and print what is in it and what it weighs
	@tools/venv
	@.venv/bin/python -m tools.package

pytest = .venv/bin/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder

test: test-setup ## run the tests of the area core: units, contract, a smoke of each stack; ARGS="tests/aws -k domain" to choose
	$(pytest) $(or $(ARGS),--area core)

$(areas:%=test-%): test-%: test-setup
	$(pytest) --area $* $(ARGS)

test-all: test-setup ## run the tests of all areas; one area: test-local, test-aws, test-gcp, test-azure, test-slow
	$(pytest) $(ARGS)

coverage: test-setup ## run the tests of all areas and list the lines that none reaches, by file; takes twice as long
	.venv/bin/python -m coverage erase
	.venv/bin/python -m coverage run -m pytest -n auto --dist loadgroup --no-loadscope-reorder $(ARGS)
	.venv/bin/python -m coverage combine --quiet
	.venv/bin/python -m coverage report --show-missing --skip-covered

test-setup:
	@tools/venv requirements.txt requirements/dev.txt
	@tools/venv -C policy
	@tools/pulumi version # installs it if need be, which would be too slow and too silent within a test

check: ## formatting, lint, who imports whom, names, types, workflows
	@tools/venv requirements.txt requirements/dev.txt
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m ruff check .
	.venv/bin/lint-imports --no-logo --no-cache
	.venv/bin/python -m tools.words
	.venv/bin/python -m mypy
	.venv/bin/zizmor --offline --no-progress --quiet .github
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv/bin/hadolint components/packaging/training.Dockerfile

format: ## format the code and mend what the linter can
	@tools/venv requirements.txt requirements/dev.txt
	.venv/bin/python -m ruff format .
	.venv/bin/python -m ruff check --fix .

bench: ## measure cold starts, predictions, whole files, package, no-change updates and previews
	@tools/venv requirements.txt requirements/dev.txt
	tools/python -m bench.cold
	tools/python -m bench.warm
	tools/python -m bench.scoring
	tools/python -m bench.package
	tools/python -m bench.libraries
	tools/python -m bench.load
	tools/python -m bench.unchanged_up
	tools/python -m bench.preview

lock: ## pin what requirements/*.in and the policy pack ask for again; ARGS=--upgrade for newer releases
	@tools/venv requirements.txt requirements/dev.txt
	tools/lock $(ARGS)

clean: ## remove .venv and the tools' caches; stacks and their state stay
	rm -rf .venv policy/.venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
