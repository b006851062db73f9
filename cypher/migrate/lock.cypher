// Locks one migration for this transaction and says whether it was applied.
// in: version; out: {checksum} or {checksum: null}
MERGE (m:Migration {version: $version})
REMOVE m.lock
RETURN m.checksum AS checksum
