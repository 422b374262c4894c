-- What a program that draws charts may read while a server writes.  A table is called by one thing, a view by
-- many.  Times are 'YYYY-MM-DD HH:MM:SS' in UTC, NULL where it did not happen; money is in the currency, not in
-- cents; customer is a number, the same in all.  Nothing sealed is shown, nothing that people wrote about
-- somebody, no hash.

CREATE VIEW customers AS
SELECT identity AS customer, datetime(valued_ms / 1000, 'unixepoch') AS valued_at, p_alive, expected_orders,
       expected_value_cents / 100.0 AS expected_value, value_if_stays_cents / 100.0 AS value_if_stays,
       rfm_group, cluster, stage, date(last_goal_day * 86400, 'unixepoch') AS last_goal_on,
       (SELECT count(*) FROM segment_member WHERE segment_member.identity = valuation.identity) AS n_segments,
       (SELECT count(*) FROM message WHERE message.identity = valuation.identity AND sent_ms > 0) AS n_messages
FROM valuation;

CREATE VIEW scores AS
SELECT identity AS customer, question, datetime(as_of_ms / 1000, 'unixepoch') AS as_of, prediction,
       expected_loss_cents / 100.0 AS expected_loss
FROM score;

CREATE VIEW models AS
SELECT question, row_number() OVER (PARTITION BY question ORDER BY id) AS version,
       datetime(as_of_ms / 1000, 'unixepoch') AS as_of,
       datetime(nullif(made_ms, 0) / 1000, 'unixepoch') AS made_at,
       force > 0 AND force = max(force) OVER (PARTITION BY question) AS is_in_force
FROM model;

CREATE VIEW segments AS
SELECT name, expression, description, version, datetime(created_ms / 1000, 'unixepoch') AS created_at,
       (SELECT count(*) FROM segment_member WHERE segment_member.segment = segment.id) AS n_customers
FROM segment;

CREATE VIEW memberships AS
SELECT segment.name AS segment, identity AS customer, datetime(since_ms / 1000, 'unixepoch') AS since
FROM segment_member JOIN segment ON segment.id = segment_member.segment;

CREATE VIEW movements AS
SELECT segment.name AS segment, identity AS customer, datetime(at_ms / 1000, 'unixepoch') AS at, entered, cause
FROM segment_event JOIN segment ON segment.id = segment_event.segment;

-- What people said last on each purpose: counted, for rows of consent name nobody.
CREATE VIEW consents AS
SELECT lower(purpose) AS purpose, sum(is_given = 1) AS n_given, sum(is_given = 0) AS n_refused,
       datetime(max(stated_ms) / 1000, 'unixepoch') AS last_stated_at
FROM consent WHERE id IN (SELECT max(id) FROM consent GROUP BY hash, lower(purpose))
GROUP BY lower(purpose);

CREATE VIEW journeys AS
SELECT name, version, state, datetime(changed_ms / 1000, 'unixepoch') AS changed_at FROM journey;

CREATE VIEW journey_entries AS
SELECT journey.name AS journey, journey_entry.version, journey_entry.id AS entry, identity AS customer,
       datetime(entered_ms / 1000, 'unixepoch') AS entered_at, step,
       datetime(since_ms / 1000, 'unixepoch') AS at_step_since, nullif(held, '') AS held,
       nullif(end, '') AS ending,
       datetime(nullif(ended_ms, 0) / 1000, 'unixepoch') AS ended_at,
       datetime(nullif(goal_ms, 0) / 1000, 'unixepoch') AS goal_at
FROM journey_entry JOIN journey ON journey.id = journey_entry.journey;

CREATE VIEW messages AS
SELECT id AS message, identity AS customer, journey, step, channel, topic, status,
       nullif(rule, '') AS rule, n_attempts,
       datetime(queued_ms / 1000, 'unixepoch') AS queued_at,
       datetime(nullif(sent_ms, 0) / 1000, 'unixepoch') AS sent_at, nullif(returned, '') AS returned,
       datetime(nullif(returned_ms, 0) / 1000, 'unixepoch') AS returned_at
FROM message;

CREATE VIEW messages_by_day AS
SELECT date(sent_ms / 1000, 'unixepoch') AS day, channel, journey, count(*) AS n_sent,
       sum(returned IN ('hard', 'soft')) AS n_bounced, sum(returned = 'complaint') AS n_complained
FROM message WHERE sent_ms > 0 GROUP BY 1, 2, 3;

CREATE VIEW decisions AS
SELECT id AS decision, identity AS customer, datetime(at_ms / 1000, 'unixepoch') AS at, placement, action,
       propensity, policy, rule
FROM decision;

CREATE VIEW experiments AS
SELECT name, datetime(started_ms / 1000, 'unixepoch') AS started_at,
       datetime(stopped_ms / 1000, 'unixepoch') AS stopped_at
FROM experiment;

-- Who got which arm, and when they first could feel it.
CREATE VIEW assignments AS
SELECT assignment.experiment, assignment.identity AS customer, assignment.arm,
       datetime(assignment.at / 1000, 'unixepoch') AS assigned_at, is_mixed,
       datetime(exposure.at / 1000, 'unixepoch') AS exposed_at, exposure.how AS exposed_by
FROM assignment LEFT JOIN exposure USING (experiment, identity);

CREATE VIEW tasks AS
SELECT id AS task, identity AS customer, journey, step, state, nullif(owner, '') AS owner,
       datetime(created_ms / 1000, 'unixepoch') AS created_at,
       datetime(nullif(due_ms, 0) / 1000, 'unixepoch') AS snoozed_until,
       datetime(nullif(done_ms, 0) / 1000, 'unixepoch') AS done_at
FROM task;
