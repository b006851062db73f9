// The index of a constraint that was never finished: it has the constraint's name and belongs to none.
// in: index; out: name, labels
SHOW INDEXES YIELD name, labelsOrTypes, owningConstraint
WHERE name = $index AND owningConstraint IS NULL
RETURN name, labelsOrTypes AS labels
