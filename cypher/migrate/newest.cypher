// The newest migration applied, 0 when none. out: {version}
MATCH (m:Migration) WHERE m.version > 0 AND m.checksum IS NOT NULL
RETURN coalesce(max(m.version), 0) AS version
