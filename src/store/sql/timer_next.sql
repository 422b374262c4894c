-- When the next timer of kind ?1 is due; NULL: there is none.
-- takes kind
-- gives due_ms INTEGER NULL
SELECT min(due_ms) AS due_ms FROM timer WHERE kind = ?1;
