-- Which process recorded an invocation, and whether that process still lives.

CREATE TABLE :"schema".instances (
  id uuid PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  host text,
  pid integer,
  version text
);

COMMENT ON TABLE :"schema".instances IS 'One run of the plugin in one process, from its first write to its shutdown.';
COMMENT ON COLUMN :"schema".instances.heartbeat_at IS 'Told with writes and while work is open, at most every 10 seconds.';
COMMENT ON COLUMN :"schema".instances.ended_at IS 'When it was shut down; null while it runs, and for ever if its process was killed.';

ALTER TABLE :"schema".invocations ADD COLUMN instance_id uuid;
COMMENT ON COLUMN :"schema".invocations.instance_id IS 'The run of the plugin that recorded it; null for rows of versions before instances.';

-- mark_lost(): what runs now. Tiny, because what has ended is not in them.
CREATE INDEX invocations_running ON :"schema".invocations (instance_id) WHERE status = 'running';
CREATE INDEX event_executions_running ON :"schema".event_executions (invocation_id) WHERE status IN ('detecting', 'handling');
CREATE INDEX job_executions_running ON :"schema".job_executions (invocation_id) WHERE status = 'running';

-- Marks as lost what still runs according to its row, but whose instance has ended or was not heard of for `older_than`,
-- and returns how many rows it marked. ended_at stays null, because nobody knows it. updated_at moves by one microsecond:
-- a start that is written again changes nothing, and the real end, written late after an outage, still wins, because the
-- recorder's clock had moved further by then.
CREATE FUNCTION :"schema".mark_lost(older_than interval DEFAULT '2 minutes')
RETURNS TABLE (invocations bigint, event_executions bigint, job_executions bigint)
LANGUAGE sql AS $$
  WITH gone AS MATERIALIZED (
    SELECT i.id
    FROM (
      SELECT r.id FROM :"schema".invocations r WHERE r.status = 'running'
      UNION
      SELECT e.invocation_id FROM :"schema".event_executions e WHERE e.status IN ('detecting', 'handling')
      UNION
      SELECT j.invocation_id FROM :"schema".job_executions j WHERE j.status = 'running'
    ) running
    JOIN :"schema".invocations i ON i.id = running.id
    LEFT JOIN :"schema".instances n ON n.id = i.instance_id
    WHERE n.ended_at IS NOT NULL
       OR n.heartbeat_at < now() - older_than
       -- Its instance has not registered yet, or never could.
       OR (n.id IS NULL AND i.instance_id IS NOT NULL AND i.updated_at < now() - older_than)
       -- Nobody can tell for rows without instance; after a day nothing of them runs.
       OR (i.instance_id IS NULL AND i.updated_at < now() - greatest(older_than, interval '1 day'))
  ), lost_invocations AS (
    UPDATE :"schema".invocations i SET status = 'lost', updated_at = i.updated_at + interval '1 microsecond'
    FROM gone WHERE i.id = gone.id AND i.status = 'running' RETURNING 1
  ), lost_events AS (
    UPDATE :"schema".event_executions e SET status = 'lost', updated_at = e.updated_at + interval '1 microsecond'
    FROM gone WHERE e.invocation_id = gone.id AND e.status IN ('detecting', 'handling') RETURNING 1
  ), lost_jobs AS (
    UPDATE :"schema".job_executions j SET status = 'lost', updated_at = j.updated_at + interval '1 microsecond'
    FROM gone WHERE j.invocation_id = gone.id AND j.status = 'running' RETURNING 1
  )
  SELECT (SELECT count(*) FROM lost_invocations), (SELECT count(*) FROM lost_events), (SELECT count(*) FROM lost_jobs)
$$;
