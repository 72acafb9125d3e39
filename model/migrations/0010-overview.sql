-- What a dashboard shows first: exact totals of any window, so that a number equals the list it links to, rows that fire
-- themselves again and again, and how much room everything takes.

CREATE VIEW :"schema".window_totals_rows AS
SELECT NULL::timestamptz AS bucket, NULL::text AS name, NULL::bigint AS total, NULL::bigint AS completed, NULL::bigint AS failed,
  NULL::bigint AS lost, NULL::bigint AS events_detected, NULL::bigint AS jobs_run, NULL::bigint AS jobs_failed,
  NULL::double precision AS avg_ms, NULL::double precision AS p50_ms, NULL::double precision AS p95_ms,
  NULL::double precision AS p99_ms, NULL::integer AS max_ms
WHERE false;

COMMENT ON VIEW :"schema".window_totals_rows IS 'The rows of window_totals(): what happened in one window, or each step of it. Has no rows of its own.';
COMMENT ON COLUMN :"schema".window_totals_rows.bucket IS 'When the step begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".window_totals_rows.name IS 'The function or job; null when all are taken together.';
COMMENT ON COLUMN :"schema".window_totals_rows.failed IS 'Failed, timed out or lost.';
COMMENT ON COLUMN :"schema".window_totals_rows.lost IS 'Of invocations only, as events_detected, jobs_run and jobs_failed.';
COMMENT ON COLUMN :"schema".window_totals_rows.p95_ms IS 'From histograms: at most 19 % off.';

-- Totals of what started from `since` on and before `until`, exact to the microsecond: whole hours that are counted already
-- come from the hourly totals, what is left at both ends from rows. `kind` is function or job. A `step` of less than an hour
-- is counted from rows only.
CREATE FUNCTION :"schema".window_totals(kind text, since timestamptz, until timestamptz, step interval DEFAULT NULL, by_name boolean DEFAULT false)
RETURNS SETOF :"schema".window_totals_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
  parts (at, name, total, completed, failed, lost, events_detected, jobs_run, jobs_failed, duration_sum, max_ms, histogram) AS (
    SELECT m.hour_bucket, m.source_function, m.total_invocations::bigint, m.successful_invocations::bigint, m.failed_invocations::bigint,
      m.lost_invocations::bigint, m.total_events_detected::bigint, m.total_jobs_run::bigint, m.total_jobs_failed::bigint,
      m.duration_sum_ms::numeric, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, :"schema".metrics_hourly m
    WHERE kind = 'function' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), i.created_at, '2000-01-01 00:00:00+00'), i.source_function, count(*),
      count(*) FILTER (WHERE i.status = 'completed'), count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')),
      count(*) FILTER (WHERE i.status = 'lost'), sum(i.events_detected_count), sum(i.total_jobs_run), sum(i.total_jobs_failed),
      sum(i.total_duration_ms), max(i.total_duration_ms), :"schema".histogram(i.total_duration_ms)
    FROM bounds b, :"schema".invocations i
    WHERE kind = 'function' AND (i.created_at >= since AND i.created_at < b.low OR i.created_at >= b.high AND i.created_at < until)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.job_name, m.total_runs, m.successful_runs, m.failed_runs, NULL, NULL, NULL, NULL, m.duration_sum_ms,
      m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, :"schema".job_metrics_hourly m
    WHERE kind = 'job' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), j.created_at, '2000-01-01 00:00:00+00'), j.job_name, count(*),
      count(*) FILTER (WHERE j.status = 'completed'), count(*) FILTER (WHERE j.status IN ('failed', 'timeout', 'lost')),
      NULL, NULL, NULL, NULL, sum(j.duration_ms), max(j.duration_ms), :"schema".histogram(j.duration_ms)
    FROM bounds b, :"schema".job_executions j
    WHERE kind = 'job' AND j.id >= :"schema".uuid_v7_at(since)
      AND (j.created_at >= since AND j.created_at < b.low OR j.created_at >= b.high AND j.created_at < until)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END AS bucket,
      CASE WHEN by_name THEN p.name END AS name, sum(p.total) AS total, sum(p.completed) AS completed, sum(p.failed) AS failed,
      sum(p.lost) AS lost, sum(p.events_detected) AS events_detected, sum(p.jobs_run) AS jobs_run, sum(p.jobs_failed) AS jobs_failed,
      sum(p.duration_sum) AS duration_sum, max(p.max_ms) AS max_ms, :"schema".histogram_sum(p.histogram) AS histogram
    FROM parts p GROUP BY 1, 2
  )
  SELECT p.bucket, p.name, p.total::bigint, p.completed::bigint, p.failed::bigint, p.lost::bigint, p.events_detected::bigint,
    p.jobs_run::bigint, p.jobs_failed::bigint,
    (p.duration_sum / nullif((SELECT sum(n) FROM unnest(p.histogram) n), 0))::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least(:"schema".histogram_percentile(p.histogram, 0.5), p.max_ms), least(:"schema".histogram_percentile(p.histogram, 0.95), p.max_ms),
    least(:"schema".histogram_percentile(p.histogram, 0.99), p.max_ms), p.max_ms
  FROM points p
  ORDER BY p.bucket, p.total DESC, p.name
$$;

CREATE VIEW :"schema".repeating_chain_rows AS
SELECT NULL::uuid AS root_id, NULL::uuid AS last_invocation_id, NULL::text AS source_function, NULL::text AS source_table,
  NULL::text AS source_operation, NULL::text AS source_record_id, NULL::integer AS repeats, NULL::integer AS depth,
  NULL::timestamptz AS last_at
WHERE false;

COMMENT ON VIEW :"schema".repeating_chain_rows IS 'The rows of repeating_chains(): chains that change one row again and again. Has no rows of its own.';
COMMENT ON COLUMN :"schema".repeating_chain_rows.repeats IS 'How often the same change of the same row lies on the way from the root to last_invocation_id.';
COMMENT ON COLUMN :"schema".repeating_chain_rows.depth IS 'How many invocations that way has.';

-- Chains in which one change caused itself again: the same operation on the same row with the same changed columns, at least
-- `min_repeats` times on one way from cause to effect. Looks at the newest 100,000 invocations of the window.
CREATE FUNCTION :"schema".repeating_chains(since timestamptz, until timestamptz, min_repeats integer DEFAULT 3)
RETURNS SETOF :"schema".repeating_chain_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH suspects AS MATERIALIZED (
    SELECT (array_agg(i.id ORDER BY i.created_at DESC, i.id DESC))[1] AS id, i.source_function, i.source_table, i.source_operation,
      i.source_record_id, i.changed_columns, max(i.created_at) AS last_at
    FROM (
      SELECT w.* FROM :"schema".invocations w WHERE w.created_at >= since AND w.created_at < until
      ORDER BY w.created_at DESC LIMIT 100000
    ) i
    WHERE i.source_record_id IS NOT NULL
    GROUP BY i.correlation_id, i.source_function, i.source_table, i.source_operation, i.source_record_id, i.changed_columns
    HAVING count(*) >= min_repeats AND bool_or(i.source_job_id IS NOT NULL)
    ORDER BY count(*) DESC, max(i.created_at) DESC
    LIMIT 50
  )
  SELECT way.root_id, s.id, s.source_function, s.source_table, s.source_operation, s.source_record_id, way.repeats::integer,
    way.depth::integer, s.last_at
  FROM suspects s, LATERAL (
    SELECT count(*) AS depth,
      (array_agg(a.id ORDER BY a.created_at, a.id))[1] AS root_id,
      count(*) FILTER (WHERE a.source_function = s.source_function AND a.source_operation IS NOT DISTINCT FROM s.source_operation
        AND a.source_table IS NOT DISTINCT FROM s.source_table AND a.source_record_id = s.source_record_id
        AND a.changed_columns IS NOT DISTINCT FROM s.changed_columns) AS repeats
    FROM :"schema".invocation_ancestors(s.id) a
  ) way
  WHERE way.repeats >= min_repeats
  ORDER BY way.repeats DESC, s.last_at DESC
$$;

CREATE VIEW :"schema".table_sizes AS
SELECT
  coalesce(parent.relname, c.relname)::text AS table_name,
  sum(pg_total_relation_size(c.oid))::bigint AS total_bytes,
  sum(pg_relation_size(c.oid))::bigint AS row_bytes,
  -- Postgres' own estimate: counting exactly would read everything.
  sum(greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0))::bigint AS estimated_rows,
  count(*) FILTER (WHERE parent.oid IS NOT NULL)::integer AS partitions,
  min(substring(c.relname FROM '_(\d{8})$')) AS oldest_partition,
  max(substring(c.relname FROM '_(\d{8})$')) AS newest_partition
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
LEFT JOIN pg_class parent ON parent.oid = h.inhparent
WHERE n.nspname = :'schema' AND c.relkind = 'r'
GROUP BY 1;

COMMENT ON VIEW :"schema".table_sizes IS 'How much room each table takes, with its partitions and indexes.';
COMMENT ON COLUMN :"schema".table_sizes.estimated_rows IS 'As Postgres last counted or estimated.';
COMMENT ON COLUMN :"schema".table_sizes.oldest_partition IS 'Its day as YYYYMMDD; null for a table without days.';
