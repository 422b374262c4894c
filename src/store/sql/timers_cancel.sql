-- No timer of kind ?1 about ?2 is wanted any more.
-- takes kind, who
DELETE FROM timer WHERE kind = ?1 AND who = ?2;
