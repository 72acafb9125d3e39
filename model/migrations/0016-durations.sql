-- How long everything took, as histograms that a page can draw, and where the time went.

CREATE VIEW :"schema".duration_rows AS
SELECT NULL::timestamptz AS bucket, NULL::text AS name, NULL::bigint AS measured, NULL::double precision AS sum_ms,
  NULL::double precision AS p50_ms, NULL::double precision AS p95_ms, NULL::double precision AS p99_ms, NULL::integer AS max_ms,
  NULL::bigint[] AS histogram
WHERE false;

COMMENT ON VIEW :"schema".duration_rows IS 'The rows of durations(): how long something took in one window, or in each step of it. Has no rows of its own.';
COMMENT ON COLUMN :"schema".duration_rows.bucket IS 'When the step begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".duration_rows.name IS 'The function, module or job; null when all are taken together.';
COMMENT ON COLUMN :"schema".duration_rows.measured IS 'How many durations are known: what runs, or was lost, has none.';
COMMENT ON COLUMN :"schema".duration_rows.sum_ms IS 'All the time together, added up from whole milliseconds.';
COMMENT ON COLUMN :"schema".duration_rows.histogram IS 'Counts: below 1 ms, then four to each doubling (1 ms, 1.19 ms, 1.41 ms …), as long as the last that is not 0.';

-- Durations of what started from `since` on and before `until`: whole hours that are counted already come from the hourly
-- totals, the rest from rows. `kind` is function, job, detector or handler (both of event modules). A `step` of less than an
-- hour is counted from rows only.
CREATE FUNCTION :"schema".durations(kind text, since timestamptz, until timestamptz, step interval DEFAULT NULL,
  by_name boolean DEFAULT false, name text DEFAULT NULL)
RETURNS SETOF :"schema".duration_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
  parts (at, name, sum, max_ms, histogram) AS (
    SELECT m.hour_bucket, m.source_function, m.duration_sum_ms::numeric, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, :"schema".metrics_hourly m
    WHERE kind = 'function' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (durations.name IS NULL OR m.source_function = durations.name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), i.created_at, '2000-01-01 00:00:00+00'), i.source_function,
      sum(i.total_duration_ms), max(i.total_duration_ms), :"schema".histogram(i.total_duration_ms)
    FROM bounds b, :"schema".invocations i
    WHERE kind = 'function' AND (i.created_at >= since AND i.created_at < b.low OR i.created_at >= b.high AND i.created_at < until)
      AND (durations.name IS NULL OR i.source_function = durations.name)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.job_name, m.duration_sum_ms, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, :"schema".job_metrics_hourly m
    WHERE kind = 'job' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (durations.name IS NULL OR m.job_name = durations.name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), j.created_at, '2000-01-01 00:00:00+00'), j.job_name,
      sum(j.duration_ms), max(j.duration_ms), :"schema".histogram(j.duration_ms)
    FROM bounds b, :"schema".job_executions j
    WHERE kind = 'job' AND j.id >= :"schema".uuid_v7_at(since)
      AND (j.created_at >= since AND j.created_at < b.low OR j.created_at >= b.high AND j.created_at < until)
      AND (durations.name IS NULL OR j.job_name = durations.name)
    GROUP BY 1, 2
    UNION ALL
    -- Of modules the totals keep averages to a hundredth of a millisecond: times their number, the sum of whole milliseconds.
    SELECT m.hour_bucket, m.event_name, round(t.avg_ms * (SELECT sum(n) FROM unnest(t.histogram) n)), t.max_ms, t.histogram::bigint[]
    FROM bounds b, :"schema".event_metrics_hourly m, LATERAL (
      SELECT CASE kind WHEN 'detector' THEN m.avg_detection_ms ELSE m.avg_handler_ms END AS avg_ms,
        CASE kind WHEN 'detector' THEN m.max_detection_ms ELSE m.max_handler_ms END AS max_ms,
        CASE kind WHEN 'detector' THEN m.detection_histogram ELSE m.handler_histogram END AS histogram) t
    WHERE kind IN ('detector', 'handler') AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (durations.name IS NULL OR m.event_name = durations.name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), e.created_at, '2000-01-01 00:00:00+00'), e.event_name,
      sum(t.ms), max(t.ms), :"schema".histogram(t.ms)
    FROM bounds b, :"schema".event_executions e, LATERAL (
      SELECT CASE kind WHEN 'detector' THEN e.detection_duration_ms ELSE e.handler_duration_ms END AS ms) t
    WHERE kind IN ('detector', 'handler') AND e.id >= :"schema".uuid_v7_at(since)
      AND (e.created_at >= since AND e.created_at < b.low OR e.created_at >= b.high AND e.created_at < until)
      AND (durations.name IS NULL OR e.event_name = durations.name)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END AS bucket,
      CASE WHEN by_name THEN p.name END AS name, sum(p.sum) AS sum, max(p.max_ms) AS max_ms,
      :"schema".histogram_sum(p.histogram) AS histogram
    FROM parts p GROUP BY 1, 2
  )
  SELECT p.bucket, p.name, t.measured, p.sum::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least(:"schema".histogram_percentile(p.histogram, 0.5), p.max_ms), least(:"schema".histogram_percentile(p.histogram, 0.95), p.max_ms),
    least(:"schema".histogram_percentile(p.histogram, 0.99), p.max_ms), p.max_ms, p.histogram
  FROM points p, LATERAL (SELECT coalesce(sum(n), 0)::bigint AS measured FROM unnest(p.histogram) n) t
  WHERE t.measured > 0
  ORDER BY p.bucket, p.sum DESC, p.name
$$;
