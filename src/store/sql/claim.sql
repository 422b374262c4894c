-- Marks a new database as Holdfast's ("HFST"), in the version this program writes.
PRAGMA application_id = 0x48465354;
PRAGMA user_version = 1;
