-- When the next timer of kind ?1 is due; NULL: there is none.
SELECT min(due_ms) FROM timer WHERE kind = ?1;
