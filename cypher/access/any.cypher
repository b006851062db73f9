// Whether any key was ever issued, of any brand. out: one row, none where none was
MATCH (n:ApiKey)
USING INDEX SEEK n:ApiKey(key)
WHERE n.key > ''
RETURN true AS issued LIMIT 1
