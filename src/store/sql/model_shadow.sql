-- The newest model stays in the shadow of the one in force: it takes its place once it is shown to be better.
UPDATE model SET force = -1 WHERE id = (SELECT max(id) FROM model);
