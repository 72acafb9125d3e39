-- What runs into what: tables, functions, event modules and jobs as a graph.

CREATE VIEW :"schema".execution_map_edges AS
SELECT NULL::text AS from_kind, NULL::text AS from_name, NULL::text AS to_kind, NULL::text AS to_name, NULL::bigint AS asked,
  NULL::bigint AS calls, NULL::bigint AS failed, NULL::double precision AS avg_ms, NULL::double precision AS p95_ms
WHERE false;

COMMENT ON VIEW :"schema".execution_map_edges IS 'The rows of execution_map(): what ran into what in a window. Has no rows of its own.';
COMMENT ON COLUMN :"schema".execution_map_edges.from_kind IS 'table to function, function to module, module to job, job to table.';
COMMENT ON COLUMN :"schema".execution_map_edges.asked IS 'How often a module was asked; elsewhere the same as calls.';
COMMENT ON COLUMN :"schema".execution_map_edges.calls IS 'Invocations by changes of the table; detections; runs of the job; invocations by rows that the job wrote.';
COMMENT ON COLUMN :"schema".execution_map_edges.failed IS 'Of what the edge leads to: failed, timed out or lost. A module fails by itself, not by its jobs.';
COMMENT ON COLUMN :"schema".execution_map_edges.p95_ms IS 'Exact: of the invocation, of detecting, of the job; of an edge into a table, from the change to its delivery.';

-- The edges between what ran in a window, the busiest first. Looks at its newest `max_invocations` invocations, and at
-- everything in them: which module ran which job is in no hourly total.
CREATE FUNCTION :"schema".execution_map(since timestamptz, until timestamptz, max_invocations integer DEFAULT 20000)
RETURNS SETOF :"schema".execution_map_edges LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH seen AS MATERIALIZED (
    SELECT w.id, w.created_at, w.source_table, w.source_function, w.source_job_id, w.source_event_time, w.status, w.total_duration_ms
    FROM :"schema".invocations w
    WHERE w.created_at >= since AND w.created_at < until
    ORDER BY w.created_at DESC
    LIMIT max_invocations
  ),
  -- Ids are times: of older partitions none is opened.
  first AS MATERIALIZED (SELECT :"schema".uuid_v7_at(min(s.created_at) - interval '1 minute') AS id FROM seen s),
  events AS MATERIALIZED (
    SELECT e.id, e.event_name, e.detected, e.status, e.detection_duration_ms, s.source_function
    FROM seen s JOIN :"schema".event_executions e ON e.invocation_id = s.id
    WHERE e.id >= (SELECT f.id FROM first f)
  ),
  steps (from_kind, from_name, to_kind, to_name, is_call, is_failed, ms) AS (
    SELECT 'table', s.source_table, 'function', s.source_function, true, s.status IN ('failed', 'timeout', 'lost'),
      s.total_duration_ms::double precision
    FROM seen s WHERE s.source_table IS NOT NULL
    UNION ALL
    SELECT 'function', e.source_function, 'module', e.event_name, e.detected OR e.status = 'detection_failed',
      e.status IN ('detection_failed', 'handler_failed', 'lost'), e.detection_duration_ms
    FROM events e
    UNION ALL
    SELECT 'module', e.event_name, 'job', j.job_name, true, j.status IN ('failed', 'timeout', 'lost'), j.duration_ms
    FROM events e JOIN :"schema".job_executions j ON j.event_execution_id = e.id
    WHERE e.detected AND j.id >= (SELECT f.id FROM first f)
    UNION ALL
    SELECT 'job', j.job_name, 'table', s.source_table, true, s.status IN ('failed', 'timeout', 'lost'),
      extract(epoch FROM s.created_at - s.source_event_time) * 1000
    FROM seen s JOIN :"schema".job_executions j ON j.id = s.source_job_id
    WHERE s.source_table IS NOT NULL
  )
  SELECT t.from_kind, t.from_name, t.to_kind, t.to_name, count(*), count(*) FILTER (WHERE t.is_call),
    count(*) FILTER (WHERE t.is_failed), avg(t.ms) FILTER (WHERE t.is_call),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.is_call)
  FROM steps t
  GROUP BY 1, 2, 3, 4
  ORDER BY 6 DESC, 1, 2, 3, 4
$$;
