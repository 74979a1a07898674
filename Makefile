# Short names for what run.py does; `make check` is what CI and a careful commit run.
.PHONY: check lint test format lock image

check: lint test

lint:
	python3 run.py check

test:
	python3 run.py test

format:
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet
RUN_EXTRAS = --extra postgres --extra edi --extra sandbox --extra optimize --extra sheets --extra build
DEV_EXTRAS = $(RUN_EXTRAS) --extra redis --extra test --extra bench --extra lint

lock:  # keeps what is pinned where it can; add UPGRADE=--upgrade for the newest
	$(COMPILE) $(UPGRADE) $(RUN_EXTRAS) --output-file requirements.lock
	$(COMPILE) $(UPGRADE) $(DEV_EXTRAS) --constraint requirements.lock --output-file requirements-dev.lock

image:
	docker build --tag stockline .
