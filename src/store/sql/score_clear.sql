-- Forgets all scores, before new ones are put in the same transaction.
DELETE FROM score;
