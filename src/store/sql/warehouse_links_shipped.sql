-- Links up to one, those that were removed too, and how many identities they name.
-- takes link_id INTEGER
-- gives one: n INTEGER, n_identities INTEGER
SELECT count(*) AS n,
       (SELECT count(*) FROM (SELECT a FROM identity_link WHERE id <= ?1 UNION SELECT b FROM identity_link WHERE id <= ?1)) AS n_identities
FROM identity_link WHERE id <= ?1;
