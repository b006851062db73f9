// The migrations that were applied, in order; none of them belongs to a brand. out: version, checksum
MATCH (m:Migration) WHERE m.version > 0 AND m.checksum IS NOT NULL
RETURN m.version AS version, m.checksum AS checksum ORDER BY version
