-- takes id
DELETE FROM journey_saying WHERE id = ?1;
