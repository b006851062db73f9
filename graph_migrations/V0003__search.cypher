// Search over names and identifiers. The words are cut by app/domain/search.py, each with its brand; `whitespace` leaves
// them as they are. Consistent (not eventually): who is stored is found.
CREATE FULLTEXT INDEX profile_search IF NOT EXISTS FOR (n:Profile) ON EACH [n.search]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: false}};
