// Records that a migration was applied. in: version, name, checksum
MATCH (m:Migration {version: $version})
SET m.name = $name, m.checksum = $checksum, m.applied_at = datetime()
RETURN m.version AS version
