-- Whose database this is, in which version, and whether it holds anything.
SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
FROM pragma_application_id, pragma_user_version;
