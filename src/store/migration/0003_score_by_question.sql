-- Scores by customer and question, so that several models are in force at once; apart from them what a customer is
-- worth and which groups they are in, which no question changes.

-- person valuation: erase by identity, export privacy_valuations as valuations
CREATE TABLE valuation (
    identity             INTEGER PRIMARY KEY,
    valued_ms            INTEGER NOT NULL,
    p_alive              REAL,
    expected_orders      REAL,
    expected_value_cents INTEGER NOT NULL,
    rfm_group            TEXT,
    cluster              TEXT,
    stage                TEXT,
    last_goal_day        INTEGER
);
INSERT INTO valuation
SELECT identity, as_of_ms, p_alive, expected_orders, expected_value_cents, segment, cluster, stage, last_goal_day FROM score;

-- prediction is the answer to the question (NULL: not asked).
-- person score: erase by identity, export privacy_scores as scores
CREATE TABLE score_by_question (
    identity            INTEGER NOT NULL,
    question            TEXT NOT NULL,
    as_of_ms            INTEGER NOT NULL,
    prediction          REAL,
    expected_loss_cents INTEGER NOT NULL,
    reasons             TEXT,           -- a JSON array of sentences
    PRIMARY KEY (identity, question)
) WITHOUT ROWID;
INSERT INTO score_by_question
SELECT identity, question, as_of_ms, prediction, expected_loss_cents, reasons FROM score;
DROP TABLE score;
ALTER TABLE score_by_question RENAME TO score;
