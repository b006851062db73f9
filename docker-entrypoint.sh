#!/bin/sh
# Runs the command it is given; before `constintel serve` without NEO4J_URI, fetches the embedded Neo4j into the volume
# (about two minutes the first time, hash-checked; after that it only looks that everything is there).
set -eu
if [ "${1:-} ${2:-}" = "constintel serve" ] && [ -z "${NEO4J_URI:-}${CONSTINTEL_NEO4J_URI:-}" ]; then
    python -m app.graph.embedded.fetch install --engine-dir "$CONSTINTEL_ENGINE_DIR"
    constintel neo4j prepare
fi
exec "$@"
