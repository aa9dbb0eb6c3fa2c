# The commands of the repository; `make help` lists them. Each one sets up what it needs first, and only when it must.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := libs services deploy tools tests benchmarks
# More than there are cores: many tests wait for processes that they have started.
WORKERS ?= 3
# benchmarks/writes is no figure but a proof, and takes as long as one: see `prove`; benchmarks/lighthouse wants npm.
BENCHES ?= $(sort $(basename $(notdir $(wildcard benchmarks/*.py))) $(filter-out writes lighthouse,$(patsubst benchmarks/%/__main__.py,%,$(wildcard benchmarks/*/__main__.py))))

.DEFAULT_GOAL := help
.PHONY: help up secrets test check format docs lock bench prove conformance demo evidence live peers release sbom stack-test deploy-check llm-test clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: .setup-run ## Start the platform (sets it up first; the samples are there to ask about)
	@exec $(BIN)/tillhand up --samples samples

test: .setup-dev ## Run the tests (ARGS="tests/rag -k citation" for some, WORKERS=0 for one process)
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

check: .setup-dev ## Format, lint, types, layers, documents, container files: the gate before every commit
	@$(BIN)/python tools/check.py $(ARGS)

format: .setup-dev ## Format the code and sort its imports
	@$(BIN)/ruff check --select I --fix --quiet $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

docs: .setup-dev ## Write the tables of docs/ anew from the code
	@$(BIN)/python tools/docs.py

secrets: ## Make the secrets that the compose file mounts (those that are there stay as they are)
	@$(PYTHON) tools/credentials.py

lock: .setup-dev ## Compile requirements/*.txt anew (ARGS=--upgrade for newer versions)
	@$(BIN)/python tools/lock.py $(ARGS)

bench: .setup-peers ## Print the figures: the chassis, and the knowledge base beside its peers (BENCHES=chassis for one)
	@for name in $(BENCHES); do echo "== $$name"; $(BIN)/python -m benchmarks.$$name $(ARGS) || exit 1; done

peers: .setup-peers ## Install the libraries that the benchmark compares with, in .venv-peers

prove: .setup-dev ## Print what is proved: quality (and of every BEIR folder under DATA=…), then 50 kills of each kind, 2,500 made-up requests, and 10,000 writes of which none is done twice
	@$(BIN)/python tools/prove.py $(DATA)
	@$(BIN)/python tools/endure.py
	@$(BIN)/python -m benchmarks.writes # under faults and kills; about 50 minutes on two busy cores

conformance: .setup-judges ## Run the public conformance suite of MCP, all revisions, and strangers' clients on every tool
	@$(BIN)/python tools/conformance.py

demo: .setup-run ## Play the whole story on this machine, with mocks, and say what it proves
	@$(BIN)/tillhand demo

evidence: .setup-dev ## Measure the exit criteria on a platform of its own and write artifacts/ (ARGS="--soak none" for three minutes)
	@$(BIN)/tillhand evidence $(ARGS)

live: .setup-dev ## Read from real accounts, as far as credentials are set, and say which are missing
	@TILLHAND_LIVE=1 $(BIN)/python -m pytest tests/contract/test_vendors.py -rs --no-header $(ARGS)

sbom: .setup-dev ## Write a bill of materials for each image, in dist/sbom
	@$(BIN)/python tools/sbom.py

release: .setup-dev ## Prepare a release (ARGS="0.2.0 --dry-run" shows what it would do)
	@$(BIN)/python tools/release.py $(ARGS)

stack-test: .setup-dev ## Build the image and run the compose file on a real engine
	@$(BIN)/python tools/stack.py $(ARGS)

deploy-check: .setup-dev ## Prove the 20 points of a deployment: hardening, alerts, kills, replicas, restore, no way out (needs an engine)
	@$(BIN)/python tools/deploy_check.py $(ARGS)

llm-test: .setup-llm ## Ask real weights on this machine, through the adapter (installs them in .venv-llm)
	@$(BIN)/python -m pytest tests/llm $(ARGS)

clean: ## Remove what was built here; your data in .tillhand/ stays
	rm -rf .conformance .venv .venv-peers .venv-llm .venv-judges .setup.lock .setup.log .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov dist
	find $(wildcard $(SOURCES)) -name __pycache__ -type d -prune -exec rm -rf {} +

.setup-run .setup-dev .setup-peers .setup-llm .setup-judges: .setup-%:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) on this machine. On Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) tools/setup.py $*
.PHONY: .setup-run .setup-dev .setup-peers .setup-llm .setup-judges
