// Locks one migration for this transaction and says whether it was applied.
// It writes `lock`, and so makes the name known to the store: elsewhere REMOVE of an absent `lock` takes a node's
// write lock without changing it, but REMOVE of a name that no node ever had takes no lock at all (tried on 5.26).
// in: version; out: {checksum} or {checksum: null}
MERGE (m:Migration {version: $version})
SET m.lock = coalesce(m.lock, 0) + 1
RETURN m.checksum AS checksum
