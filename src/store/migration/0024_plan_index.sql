-- Every decision asks whether a plan stands.
CREATE INDEX decision_plan ON decision (at_ms) WHERE placement = 'plan';
