-- takes owner TEXT, name, address TEXT, is_shared INTEGER, made_ms INTEGER
INSERT INTO saved_view (owner, name, address, is_shared, made_ms) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (owner, name) DO UPDATE SET address = excluded.address, is_shared = excluded.is_shared, made_ms = excluded.made_ms;
