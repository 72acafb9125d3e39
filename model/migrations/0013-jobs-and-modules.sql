-- What is asked about one job and one event module: how often, how long, what fails in the same way, why it does not fire,
-- who runs whom, and what ran last. Windows are exact, as those of window_totals().

-- The last runs of a job, however rare it is among others.
CREATE INDEX job_executions_job_name ON :"schema".job_executions (job_name, id DESC);
-- The last times a module fired. Most rows are of modules that did not, so it costs little.
CREATE INDEX event_executions_detected ON :"schema".event_executions (event_name, id DESC) WHERE detected;

CREATE VIEW :"schema".last_job_runs_rows AS
SELECT NULL::text AS job_name, NULL::timestamptz AS last_run_at, NULL::jsonb AS runs WHERE false;

COMMENT ON VIEW :"schema".last_job_runs_rows IS 'The rows of last_job_runs(): the newest runs of each job. Has no rows of its own.';
COMMENT ON COLUMN :"schema".last_job_runs_rows.runs IS 'Id, invocation_id, status, created_at and duration_ms of each, the newest last. Empty when they are not kept any more.';

-- The newest runs of each job that ran in the window, at most 100 of each.
CREATE FUNCTION :"schema".last_job_runs(since timestamptz, until timestamptz, max_runs integer DEFAULT 30)
RETURNS SETOF :"schema".last_job_runs_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT t.name, last.run_at, coalesce(last.runs, '[]')
  FROM :"schema".window_totals('job', since, until, NULL, true) t, LATERAL (
    SELECT max(j.created_at) AS run_at, jsonb_agg(jsonb_build_object('id', j.id, 'invocation_id', j.invocation_id,
      'status', j.status, 'created_at', j.created_at, 'duration_ms', j.duration_ms) ORDER BY j.id) AS runs
    FROM (
      SELECT r.* FROM :"schema".job_executions r
      WHERE r.job_name = t.name AND r.id >= :"schema".uuid_v7_at(since) AND r.created_at >= since AND r.created_at < until
      ORDER BY r.id DESC LIMIT least(max_runs, 100)
    ) j
  ) last
  ORDER BY t.name
$$;

-- Failed runs of a window by job and by what their messages have in common, the most frequent first: job_errors() for a
-- window with two ends.
CREATE FUNCTION :"schema".window_job_errors(since timestamptz, until timestamptz, job_name text DEFAULT NULL)
RETURNS SETOF :"schema".job_error_groups LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT left(md5(f.job_name || E'\n' || f.pattern), 16), f.job_name, f.pattern,
    (array_agg(f.error_message ORDER BY f.created_at DESC, f.id DESC))[1], count(*), count(DISTINCT f.invocation_id),
    min(f.created_at), max(f.created_at), (array_agg(f.id ORDER BY f.created_at DESC, f.id DESC))[1],
    (array_agg(f.invocation_id ORDER BY f.created_at DESC, f.id DESC))[1]
  FROM (
    SELECT j.*, coalesce(:"schema".error_pattern(j.error_message), j.status) AS pattern
    FROM :"schema".job_executions j
    WHERE j.status IN ('failed', 'timeout', 'lost') AND j.created_at >= since AND j.created_at < until
      AND (window_job_errors.job_name IS NULL OR j.job_name = window_job_errors.job_name)
  ) f
  GROUP BY f.job_name, f.pattern
  ORDER BY count(*) DESC, max(f.created_at) DESC
$$;

CREATE VIEW :"schema".module_jobs_rows AS
SELECT NULL::text AS event_name, NULL::text AS job_name, NULL::text AS source_function, NULL::bigint AS runs, NULL::bigint AS failed,
  NULL::timestamptz AS last_run_at, NULL::uuid AS last_job_execution_id, NULL::uuid AS last_invocation_id
WHERE false;

COMMENT ON VIEW :"schema".module_jobs_rows IS 'The rows of module_jobs(): how often one event module ran one job in one function. Has no rows of its own.';
COMMENT ON COLUMN :"schema".module_jobs_rows.failed IS 'Failed, timed out or lost.';

-- Which event modules ran which jobs, and in which functions: of one job, of one module, or of both. Looks at the newest
-- 100,000 runs of the window; with neither it finds nothing.
CREATE FUNCTION :"schema".module_jobs(since timestamptz, until timestamptz, job_name text DEFAULT NULL, event_name text DEFAULT NULL)
RETURNS SETOF :"schema".module_jobs_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT e.event_name, r.job_name, i.source_function, count(*), count(*) FILTER (WHERE r.status IN ('failed', 'timeout', 'lost')),
    max(r.created_at), (array_agg(r.id ORDER BY r.id DESC))[1], (array_agg(r.invocation_id ORDER BY r.id DESC))[1]
  FROM (
    (SELECT j.id, j.created_at, j.invocation_id, j.event_execution_id, j.job_name, j.status
     FROM :"schema".job_executions j
     WHERE module_jobs.job_name IS NOT NULL AND j.job_name = module_jobs.job_name
       AND j.id >= :"schema".uuid_v7_at(since) AND j.created_at >= since AND j.created_at < until
     ORDER BY j.id DESC LIMIT 100000)
    UNION ALL
    (SELECT j.id, j.created_at, j.invocation_id, j.event_execution_id, j.job_name, j.status
     FROM :"schema".event_executions d JOIN :"schema".job_executions j ON j.event_execution_id = d.id
     WHERE module_jobs.job_name IS NULL AND d.detected AND d.event_name = module_jobs.event_name
       -- A job may run long after its module was asked, not before.
       AND d.id >= :"schema".uuid_v7_at(since - interval '1 day') AND d.created_at < until
       AND j.created_at >= since AND j.created_at < until
     ORDER BY j.id DESC LIMIT 100000)
  ) r
  JOIN :"schema".event_executions e ON e.id = r.event_execution_id
  JOIN :"schema".invocations i ON i.id = r.invocation_id
  WHERE module_jobs.event_name IS NULL OR e.event_name = module_jobs.event_name
  GROUP BY e.event_name, r.job_name, i.source_function
  ORDER BY count(*) DESC, e.event_name, r.job_name, i.source_function
$$;

CREATE VIEW :"schema".module_totals_rows AS
SELECT NULL::timestamptz AS bucket, NULL::text AS event_name, NULL::bigint AS asked, NULL::bigint AS detected, NULL::bigint AS failed,
  NULL::bigint AS jobs_run, NULL::bigint AS jobs_failed, NULL::double precision AS detection_sum_ms, NULL::double precision AS handler_sum_ms,
  NULL::double precision AS detection_p95_ms, NULL::integer AS detection_max_ms, NULL::double precision AS handler_p50_ms,
  NULL::double precision AS handler_p95_ms, NULL::integer AS handler_max_ms
WHERE false;

COMMENT ON VIEW :"schema".module_totals_rows IS 'The rows of module_totals(): what one event module did in one window, or in each step of it. Has no rows of its own.';
COMMENT ON COLUMN :"schema".module_totals_rows.bucket IS 'When the step begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".module_totals_rows.failed IS 'Its detector or its handler failed, or a job of it, or it was lost.';
COMMENT ON COLUMN :"schema".module_totals_rows.detection_sum_ms IS 'All the time its detector took, added up from whole milliseconds.';
COMMENT ON COLUMN :"schema".module_totals_rows.handler_sum_ms IS 'All the time its handler took with the jobs it waited for.';
COMMENT ON COLUMN :"schema".module_totals_rows.handler_p95_ms IS 'From histograms: at most 19 % off, as the other percentiles.';

-- What event modules did from `since` on and before `until`, exact to the microsecond: whole hours that are counted already
-- come from the hourly totals, the rest from rows. A `step` of less than an hour is counted from rows only. A module that
-- never fires has detected 0, one that always fires as many as asked.
CREATE FUNCTION :"schema".module_totals(since timestamptz, until timestamptz, step interval DEFAULT NULL, event_name text DEFAULT NULL)
RETURNS SETOF :"schema".module_totals_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH counted AS MATERIALIZED (
    SELECT date_trunc('hour', since + interval '1 hour' - interval '1 microsecond', 'UTC') AS low,
      least(date_trunc('hour', until, 'UTC'), s.live_from) AS high,
      step IS NULL OR mod(extract(epoch FROM step), 3600) = 0 AS whole_hours
    FROM :"schema".maintenance_state s
  ),
  -- [low, high) is read from totals, the rest of [since, until) from rows.
  bounds AS MATERIALIZED (
    SELECT CASE WHEN whole_hours AND low < high THEN low ELSE until END AS low,
      CASE WHEN whole_hours AND low < high THEN high ELSE until END AS high
    FROM counted
  ),
  parts (at, event_name, asked, detected, failed, jobs_run, jobs_failed, detection_sum, handler_sum, detection_max, handler_max,
    detection_histogram, handler_histogram) AS (
    SELECT m.hour_bucket, m.event_name, m.total_asked::bigint, m.total_detected::bigint, m.failed_events::bigint,
      m.total_jobs_run::bigint, m.total_jobs_failed::bigint,
      round(m.avg_detection_ms * (SELECT sum(n) FROM unnest(m.detection_histogram) n)),
      round(m.avg_handler_ms * (SELECT sum(n) FROM unnest(m.handler_histogram) n)),
      m.max_detection_ms, m.max_handler_ms, m.detection_histogram::bigint[], m.handler_histogram::bigint[]
    FROM bounds b, :"schema".event_metrics_hourly m
    WHERE m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (module_totals.event_name IS NULL OR m.event_name = module_totals.event_name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), e.created_at, '2000-01-01 00:00:00+00'), e.event_name, count(*),
      count(*) FILTER (WHERE e.detected),
      count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost')),
      sum(e.jobs_count), sum(e.jobs_failed), sum(e.detection_duration_ms), sum(e.handler_duration_ms),
      max(e.detection_duration_ms), max(e.handler_duration_ms),
      :"schema".histogram(e.detection_duration_ms), :"schema".histogram(e.handler_duration_ms)
    FROM bounds b, :"schema".event_executions e
    WHERE e.id >= :"schema".uuid_v7_at(since)
      AND (e.created_at >= since AND e.created_at < b.low OR e.created_at >= b.high AND e.created_at < until)
      AND (module_totals.event_name IS NULL OR e.event_name = module_totals.event_name)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END AS bucket, p.event_name,
      sum(p.asked) AS asked, sum(p.detected) AS detected, sum(p.failed) AS failed, sum(p.jobs_run) AS jobs_run,
      sum(p.jobs_failed) AS jobs_failed, sum(p.detection_sum) AS detection_sum, sum(p.handler_sum) AS handler_sum,
      max(p.detection_max) AS detection_max, max(p.handler_max) AS handler_max,
      :"schema".histogram_sum(p.detection_histogram) AS detections, :"schema".histogram_sum(p.handler_histogram) AS handlers
    FROM parts p GROUP BY 1, 2
  )
  SELECT p.bucket, p.event_name, p.asked::bigint, p.detected::bigint, p.failed::bigint, p.jobs_run::bigint, p.jobs_failed::bigint,
    p.detection_sum::double precision, p.handler_sum::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least(:"schema".histogram_percentile(p.detections, 0.95), p.detection_max), p.detection_max,
    least(:"schema".histogram_percentile(p.handlers, 0.5), p.handler_max),
    least(:"schema".histogram_percentile(p.handlers, 0.95), p.handler_max), p.handler_max
  FROM points p
  ORDER BY p.bucket, p.asked DESC, p.event_name
$$;

CREATE VIEW :"schema".module_reasons_rows AS
SELECT NULL::text AS pattern, NULL::boolean AS failed, NULL::bigint AS times, NULL::bigint AS looked_at, NULL::text AS last_reason,
  NULL::timestamptz AS first_seen, NULL::timestamptz AS last_seen, NULL::uuid AS last_event_execution_id,
  NULL::uuid AS last_invocation_id
WHERE false;

COMMENT ON VIEW :"schema".module_reasons_rows IS 'The rows of module_reasons(): why an event module did not fire. Has no rows of its own.';
COMMENT ON COLUMN :"schema".module_reasons_rows.pattern IS 'The reason without its ids, times, addresses and numbers; null where none was given.';
COMMENT ON COLUMN :"schema".module_reasons_rows.failed IS 'The detector failed: the reason is its error.';
COMMENT ON COLUMN :"schema".module_reasons_rows.looked_at IS 'How many verdicts were looked at in all: at most 100,000.';

-- Why an event module did not fire, the most frequent reason first. Looks at the newest 100,000 verdicts of the window.
CREATE FUNCTION :"schema".module_reasons(since timestamptz, until timestamptz, event_name text)
RETURNS SETOF :"schema".module_reasons_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT r.pattern, r.failed, count(*), r.looked_at, (array_agg(r.reason ORDER BY r.id DESC))[1], min(r.created_at),
    max(r.created_at), (array_agg(r.id ORDER BY r.id DESC))[1], (array_agg(r.invocation_id ORDER BY r.id DESC))[1]
  FROM (
    SELECT v.*, :"schema".error_pattern(v.reason) AS pattern, count(*) OVER () AS looked_at
    FROM (
      SELECT e.id, e.invocation_id, e.created_at, e.detected, e.status = 'detection_failed' AS failed,
        coalesce(e.not_detected_reason, e.detection_error) AS reason
      FROM :"schema".event_executions e
      WHERE e.event_name = module_reasons.event_name AND e.id >= :"schema".uuid_v7_at(since)
        AND e.created_at >= since AND e.created_at < until AND e.status <> 'detecting'
      ORDER BY e.id DESC LIMIT 100000
    ) v
  ) r
  WHERE NOT r.detected
  GROUP BY r.pattern, r.failed, r.looked_at
  ORDER BY count(*) DESC, max(r.created_at) DESC, r.pattern
$$;

CREATE VIEW :"schema".module_columns_rows AS
SELECT NULL::text AS column_read, NULL::bigint AS reads, NULL::bigint AS looked_at, NULL::bigint AS recorded WHERE false;

COMMENT ON VIEW :"schema".module_columns_rows IS 'The rows of module_columns(): what an event module reads of the payload. Has no rows of its own.';
COMMENT ON COLUMN :"schema".module_columns_rows.reads IS 'In how many verdicts its detector read it.';
COMMENT ON COLUMN :"schema".module_columns_rows.looked_at IS 'How many verdicts were looked at in all: at most 100,000.';
COMMENT ON COLUMN :"schema".module_columns_rows.recorded IS 'Of these, those whose reads were recorded.';

-- What the detector of an event module reads (new.status, op, …), the most often read first. Looks at the newest 100,000
-- verdicts of the window. Reads are there when the plugin records them.
CREATE FUNCTION :"schema".module_columns(since timestamptz, until timestamptz, event_name text)
RETURNS SETOF :"schema".module_columns_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT c.column_read, count(*), v.looked_at, v.recorded
  FROM (
    SELECT n.columns_read, count(*) OVER () AS looked_at, count(n.columns_read) OVER () AS recorded
    FROM (
      SELECT CASE WHEN jsonb_typeof(e.columns_read) = 'array' THEN e.columns_read END AS columns_read FROM :"schema".event_executions e
      WHERE e.event_name = module_columns.event_name AND e.id >= :"schema".uuid_v7_at(since)
        AND e.created_at >= since AND e.created_at < until AND e.status <> 'detecting'
      ORDER BY e.id DESC LIMIT 100000
    ) n
  ) v, jsonb_array_elements_text(v.columns_read) c (column_read)
  GROUP BY c.column_read, v.looked_at, v.recorded
  ORDER BY count(*) DESC, c.column_read
$$;
