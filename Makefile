# `make talk` and `make test` do all the set-up there is: see scripts/bootstrap.sh.

BIN := .venv/bin
# Options for the command behind a target: make talk ARGS="--input question.wav"
ARGS ?=
# make talk LLM=no skips the build of llama.cpp, until a make talk without it
STEPS := app $(if $(filter no,$(LLM)),,llm)

.PHONY: help talk test lint format install llm clean
help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*##/ { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

talk: ## install what is missing, then talk with the assistant
	@scripts/bootstrap.sh $(STEPS)
	@$(BIN)/assistant talk $(ARGS)

test: ## install what is missing, then run the tests
	@scripts/bootstrap.sh $(STEPS) dev
	@$(BIN)/python -m pytest -rs -n 2 --dist loadfile $(ARGS)

lint: ## check style and types
	@scripts/bootstrap.sh app dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: ## put the code in order
	@scripts/bootstrap.sh app dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

install: ## install, start nothing
	@scripts/bootstrap.sh $(STEPS)

llm: ## build llama.cpp again, after a build that failed
	@rm -f .venv/.installed-llm
	@scripts/bootstrap.sh app llm
	@$(BIN)/python -c 'import llama_cpp' 2>/dev/null

clean: ## remove .venv and all caches
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
