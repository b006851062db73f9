#!/bin/sh
# Runs the command it is given; before `constintel serve` without NEO4J_URI, fetches the embedded Neo4j into the volume
# (about two minutes the first time, hash-checked; after that it only looks that everything is there).
set -eu

# The first process of a container hears no signal that it does not wait for, and a shell not while another program runs: without
# this a stop in those two minutes would wait for its patience to end.
first() {
    "$@" &
    trap "kill -TERM $! 2>/dev/null" TERM INT
    wait $!
    trap - TERM INT
}

if [ "${1:-} ${2:-}" = "constintel serve" ] && [ -z "${NEO4J_URI:-}${CONSTINTEL_NEO4J_URI:-}" ]; then
    first python -m app.graph.embedded.fetch install --engine-dir "$CONSTINTEL_ENGINE_DIR"
    first constintel neo4j prepare
fi
exec "$@"
