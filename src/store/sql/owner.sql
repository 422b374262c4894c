-- Whose database this is, in which version, and whether it holds anything.
-- gives one: application_id INTEGER, user_version INTEGER, n_tables INTEGER
SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) AS n_tables
FROM pragma_application_id, pragma_user_version;
