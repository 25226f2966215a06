# Two commands on a bare machine: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
ONCE ?=
SAMPLES ?=
ARGS ?=
SECONDS ?= 600
OPERATIONS ?= 10000
PARSER ?=

SUPERVISED = .venv/bin/python -m portal.services
DEMO = DJANGO_SETTINGS_MODULE=portal.settings.dev DAYLIGHT_DEMO=1 DAYLIGHT_DATA_DIR="$(CURDIR)/var/demo/files"
off = 0 no false
# with it, each of many processes compiles every module again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-test demo serve test check bench fuzz storm clean
.DEFAULT_GOAL := help

help:
	@echo "make demo [ONCE=1] [SAMPLES=dir] [PORT=8000]  the whole main job, then serve until Ctrl-C"
	@echo "make serve [PORT=8000]                        the site with a worker, on the demo's data"
	@echo "make test [ARGS='tests/x -k name']            set up and pass the tests"
	@echo "make fuzz [SECONDS=600] [PARSER=pdf,table]      harmed files through every parser; not part of CI"
	@echo "make storm [OPERATIONS=10000]                   money under ten workers at once; not part of CI"
	@echo "make check                                    every gate but the tests"
	@echo "make bench [ARGS='video table --scale 0.1']     ours, a peer, ratio; minutes to an hour; not part of CI"
	@echo "make setup                                    the environment in .venv, and system libraries"
	@echo "make clean                                    remove .venv, caches and the demo's data"

setup:
	@$(PYTHON) portal/services/system.py demo

setup-test:
	@$(PYTHON) portal/services/system.py test

demo: setup
	@$(DEMO) $(SUPERVISED) --data var/demo -- .venv/bin/python manage.py demo --port "$(PORT)" \
	  $(if $(filter-out $(off),$(ONCE)),--once) $(if $(SAMPLES),--samples "$(SAMPLES)")

serve: setup
	@$(DEMO) $(SUPERVISED) --data var/demo -- sh .deploy/serve "$(PORT)"

# coverage is judged on the whole run only
test: setup-test
	@.venv/bin/python -m pytest -n 2 --dist worksteal $(if $(ARGS),$(ARGS),--cov --cov-report=term)

check: setup-test
	@sh .ci/check

# the small one of the suite takes seconds, this one minutes
storm: setup-test
	@DAYLIGHT_STORM="$(OPERATIONS)" .venv/bin/python -m pytest -s tests/requests_app/fees/test_ledger_storm.py

# what broke a promise, or a child, is kept in var/fuzz
fuzz: setup-test
	@.venv/bin/python -m tests.fuzz.run --seconds "$(SECONDS)" $(if $(PARSER),--parser "$(PARSER)")

# alone on an idle machine; inputs and results stay in var/bench
bench: setup-test
	@.venv/bin/python -m tests.bench.run $(ARGS)

clean:
	@if [ -x .venv/bin/python ]; then for data in demo check services; do \
	  .venv/bin/python -m portal.services --data "var/$$data" --erase || exit 1; done; fi
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	rm -rf var/static var/bench var/test-services-* var/setup.lock
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
