// Search over names and identifiers. The words are cut by app/domain/search.py, each with its brand; `whitespace` leaves
// them as they are. Eventually consistent: else each commit that brings new words waits some 8 ms for Lucene. The search
// waits for it instead (cypher/read/profiles_found.cypher), so who is stored is found.
CREATE FULLTEXT INDEX profile_search IF NOT EXISTS FOR (n:Profile) ON EACH [n.search]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: true}};
