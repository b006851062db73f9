# The service without a database: `docker-compose up` brings a Neo4j, NEO4J_URI names another, and without either the
# entry point fetches the embedded one into the volume at the first start (Neo4j is GPLv3 and no part of this image).
#
# To pin the base, name its digest: --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:... (README, "Deploy").
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
WORKDIR /opt/constintel
RUN python -m venv venv
# The requirements alone first: this layer is made anew only when the lock changes.
COPY requirements/base.txt requirements/base.txt
RUN venv/bin/python -m pip install --require-hashes --only-binary :all: -r requirements/base.txt
COPY . .
# Editable, because the statements in cypher/ and graph_migrations/ lie beside the package and are read from there.
RUN venv/bin/python -m pip install --no-deps --no-build-isolation --editable . \
    && venv/bin/python -m compileall -q app

# What the console serves to browsers, each file as its package was published; npm itself stays here.
FROM ${PYTHON_IMAGE} AS browser
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
WORKDIR /opt/constintel
COPY requirements/node.txt requirements/node.txt
RUN python -m venv node \
    && node/bin/python -m pip install --require-hashes --only-binary :all: -r requirements/node.txt
COPY .npmrc package.json package-lock.json ./
RUN node/bin/npm ci --ignore-scripts --omit=dev

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="ConstIntel" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 constintel \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin constintel \
    && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/constintel /opt/constintel
COPY --from=browser /opt/constintel/node_modules /opt/constintel/node_modules
# Everything that is ever written lies under /data, so the root file system may be read-only.
# CONSTINTEL_HOST stays loopback here: whoever opens it to a network decides that where the ports are published.
ENV PATH=/opt/constintel/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    CONSTINTEL_HOME=/data/home \
    CONSTINTEL_ENGINE_DIR=/data/engine \
    CONSTINTEL_PORT=3000
VOLUME ["/data"]
WORKDIR /data
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['CONSTINTEL_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["/bin/sh", "/opt/constintel/docker-entrypoint.sh"]
CMD ["constintel", "serve"]
