# Three stages: front-end files, the environment, and a small image that runs as nobody special and writes nowhere
# but /data (the SQLite file of a small shop; unused with PostgreSQL) and /tmp.
FROM python:3.12-slim AS assets
WORKDIR /src
COPY hub/pages/package.json hub/pages/package-lock.json hub/pages/vendor_files.json hub/pages/
COPY tools tools
COPY requirements-node.lock .
RUN python -m tools.assets

FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/stockline
COPY requirements.lock .
RUN /opt/stockline/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY . .
COPY --from=assets /src/hub/pages/static/vendor hub/pages/static/vendor
RUN /opt/stockline/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home stockline
COPY --from=build /opt/stockline /opt/stockline
COPY deploy/connected.py /opt/stockline/connected.py
ENV PATH=/opt/stockline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STOCKLINE_DATA_DIR=/data \
    STOCKLINE_HOST=0.0.0.0
USER stockline
WORKDIR /data
VOLUME /data
EXPOSE 8765
ENTRYPOINT ["stockline"]
CMD ["up"]
