-- A store in memory: nothing to make durable, and no half-written page that a reader could wait for.
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA cache_spill = OFF;
