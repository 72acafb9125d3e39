-- What people ask: find an invocation by anything they hold, a whole chain or trace in one request, performance over any
-- time, what never fires, what fails in the same way. The functions return rows of views that have no rows of their own
-- (shapes): Hasura serves functions that return rows of a tracked relation, and an empty view can hold nothing.

-- Search: the changed row (`table:key`), the event, the user, the trace, and what a payload contains.
CREATE INDEX invocations_source_record_id ON :"schema".invocations (source_record_id, source_table) WHERE source_record_id IS NOT NULL;
CREATE INDEX invocations_source_event_id ON :"schema".invocations (source_event_id) WHERE source_event_id IS NOT NULL;
CREATE INDEX invocations_source_user_email ON :"schema".invocations (source_user_email) WHERE source_user_email IS NOT NULL;
CREATE INDEX invocations_trace_id ON :"schema".invocations (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX invocations_source_event_payload ON :"schema".invocations USING gin (source_event_payload jsonb_path_ops);
-- FailingInvocations: few rows, so it costs little.
CREATE INDEX invocations_failed ON :"schema".invocations (created_at DESC) WHERE status IN ('failed', 'timeout', 'lost');
-- SlowestInvocations.
CREATE INDEX invocations_total_duration_ms ON :"schema".invocations (total_duration_ms DESC NULLS LAST);
-- invocation_facets(), and counts over a window, read this index and not the rows.
DROP INDEX :"schema".invocations_created_at;
CREATE INDEX invocations_created_at ON :"schema".invocations (created_at DESC) INCLUDE (status, source_function, source_table, source_operation);
-- FailingJobs and job_errors().
CREATE INDEX job_executions_failed ON :"schema".job_executions (created_at DESC) WHERE status IN ('failed', 'timeout', 'lost');
-- trace_waterfall(): the spans of a trace that other services sent.
CREATE INDEX events_trace_id ON :"schema".events (trace_id, "timestamp") WHERE trace_id IS NOT NULL;

DROP FUNCTION :"schema".invocation_chain(uuid);
DROP FUNCTION :"schema".invocation_ancestors(uuid);

-- The chain below one invocation, itself included: invocation -> job -> the invocations its writes fired, and so on, level
-- by level. UNION (not UNION ALL) ends the walk where a loop closes, LIMIT where there is no end: a recursive query makes
-- no more rows than are fetched. The body is text, not BEGIN ATOMIC, so that `i.*` includes the columns that later
-- migrations add.
CREATE FUNCTION :"schema".invocation_chain(root_id uuid, max_invocations integer DEFAULT 10000)
RETURNS SETOF :"schema".invocations LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE chain (id) AS (
    SELECT root_id
    UNION
    SELECT child.id
    FROM chain
    JOIN :"schema".job_executions j ON j.invocation_id = chain.id
    JOIN :"schema".invocations child ON child.source_job_id = j.id
  )
  SELECT i.* FROM (SELECT id FROM chain LIMIT max_invocations) bounded JOIN :"schema".invocations i ON i.id = bounded.id
$$;

-- What led to an invocation: itself, the invocation whose job caused it, and so on up to the root.
CREATE FUNCTION :"schema".invocation_ancestors(invocation_id uuid, max_invocations integer DEFAULT 10000)
RETURNS SETOF :"schema".invocations LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE ancestors (id, source_job_id) AS (
    SELECT i.id, i.source_job_id FROM :"schema".invocations i WHERE i.id = invocation_ancestors.invocation_id
    UNION
    SELECT parent.id, parent.source_job_id
    FROM ancestors
    JOIN :"schema".job_executions j ON j.id = ancestors.source_job_id
    JOIN :"schema".invocations parent ON parent.id = j.invocation_id
  )
  SELECT i.* FROM (SELECT id FROM ancestors LIMIT max_invocations) bounded JOIN :"schema".invocations i ON i.id = bounded.id
$$;

-- The whole chain that an invocation belongs to: up to its root (in a loop: itself), and everything below that.
CREATE FUNCTION :"schema".whole_chain(invocation_id uuid, max_invocations integer DEFAULT 10000)
RETURNS SETOF :"schema".invocations LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT chain.*
  FROM (
    SELECT coalesce((
      SELECT a.id FROM :"schema".invocation_ancestors(whole_chain.invocation_id) a
      WHERE NOT EXISTS (
        SELECT FROM :"schema".job_executions j JOIN :"schema".invocations p ON p.id = j.invocation_id WHERE j.id = a.source_job_id)
      LIMIT 1
    ), whole_chain.invocation_id) AS id
  ) root, :"schema".invocation_chain(root.id, max_invocations) chain
$$;

-- The first of these that can be told: an invocation by what a person holds of it.
--   a UUID: an invocation, its correlation id, its event, or a job or module that ran in it; 32 hex digits: its trace
--   `table:key` (`orders:7`, `public.orders:7`): invocations for that row; anything else: the key of the changed row
-- Each kind has its index. Users and payloads are searched by their columns, as not everyone may see them.
CREATE FUNCTION :"schema".search_invocations(term text) RETURNS SETOF :"schema".invocations
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH asked AS MATERIALIZED (
    SELECT
      CASE WHEN trimmed ~* '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$' THEN trimmed::uuid END AS uuid,
      CASE WHEN trimmed ~* '^[0-9a-f]{32}$' THEN lower(trimmed) END AS trace,
      CASE WHEN trimmed ~ '^[^:]+:.+$' THEN split_part(trimmed, ':', 1) END AS in_table,
      CASE WHEN trimmed ~ '^[^:]+:.+$' THEN substr(trimmed, strpos(trimmed, ':') + 1) ELSE trimmed END AS record
    FROM (SELECT btrim(term) AS trimmed) t
  )
  SELECT i.* FROM :"schema".invocations i
  WHERE i.id = ANY (ARRAY(
    SELECT f.id FROM asked a JOIN :"schema".invocations f ON f.id = a.uuid
    UNION SELECT f.id FROM asked a JOIN :"schema".invocations f ON f.correlation_id = a.uuid
    UNION SELECT f.id FROM asked a JOIN :"schema".invocations f ON f.source_event_id = a.uuid
    UNION SELECT j.invocation_id FROM asked a JOIN :"schema".job_executions j ON j.id = a.uuid
    UNION SELECT e.invocation_id FROM asked a JOIN :"schema".event_executions e ON e.id = a.uuid
    UNION SELECT f.id FROM asked a JOIN :"schema".invocations f ON f.trace_id = a.trace
    UNION SELECT f.id FROM asked a JOIN :"schema".invocations f ON f.source_record_id = a.record
      AND (a.in_table IS NULL OR f.source_table = a.in_table OR right(f.source_table, length(a.in_table) + 1) = '.' || a.in_table)
  ))
$$;

-- Everything that takes time, as spans: invocations, modules asked, jobs, and the `trace` rows of events. Ask it through
-- chain_waterfall() or trace_waterfall(), or by invocation_id.
CREATE VIEW :"schema".spans AS
SELECT
  'invocation' AS kind,
  i.id::text AS id,
  i.trace_id,
  i.span_id,
  i.parent_span_id,
  i.source_function AS name,
  concat_ws(' ', i.source_operation, i.source_table) AS operation,
  i.source_system AS service,
  i.status,
  i.error_message,
  i.created_at AS started_at,
  i.ended_at,
  (extract(epoch FROM i.ended_at - i.created_at) * 1000)::double precision AS duration_ms,
  i.correlation_id::text AS correlation_id,
  i.id AS invocation_id,
  NULL::uuid AS event_execution_id,
  NULL::uuid AS job_execution_id,
  i.source_job_id
FROM :"schema".invocations i
UNION ALL
SELECT
  'detection', e.id::text, e.trace_id, e.span_id, e.parent_span_id, e.event_name, NULL, NULL, e.status,
  coalesce(e.detection_error, e.handler_error), e.created_at, coalesce(e.ended_at, e.detection_ended_at),
  (extract(epoch FROM coalesce(e.ended_at, e.detection_ended_at) - e.created_at) * 1000)::double precision,
  e.correlation_id::text, e.invocation_id, e.id, NULL, NULL
FROM :"schema".event_executions e
UNION ALL
SELECT
  'job', j.id::text, j.trace_id, j.span_id, j.parent_span_id, j.job_name, j.job_function_name, NULL, j.status,
  j.error_message, j.created_at, j.ended_at,
  (extract(epoch FROM j.ended_at - j.created_at) * 1000)::double precision,
  j.correlation_id::text, j.invocation_id, j.event_execution_id, j.id, NULL
FROM :"schema".job_executions j
UNION ALL
SELECT
  'trace', t.id, t.trace_id, t.span_id, t.parent_id, t.event_name, t.http_method, t.service_name, t.outcome,
  t.error_message, coalesce(t.started_at, t."timestamp"),
  coalesce(t.ended_at, coalesce(t.started_at, t."timestamp") + t.duration_ms * interval '1 ms'),
  coalesce(t.duration_ms, (extract(epoch FROM t.ended_at - coalesce(t.started_at, t."timestamp")) * 1000)::double precision),
  t.correlation_id, NULL, NULL, NULL, NULL
FROM :"schema".events t
WHERE t.event_type = 'trace';

COMMENT ON VIEW :"schema".spans IS 'Invocations, modules asked, jobs and the trace rows of events, as spans with one set of columns.';
COMMENT ON COLUMN :"schema".spans.kind IS 'invocation, detection, job or trace.';
COMMENT ON COLUMN :"schema".spans.status IS 'The status of the execution; the outcome of a trace row.';
COMMENT ON COLUMN :"schema".spans.duration_ms IS 'In milliseconds with fractions; null while it runs.';
COMMENT ON COLUMN :"schema".spans.source_job_id IS 'Of an invocation: the job whose write fired it.';

-- The spans of one trace: the invocations that carry its id with their modules and jobs, and the trace rows of events.
CREATE FUNCTION :"schema".trace_waterfall(trace_id text) RETURNS SETOF :"schema".spans
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT s.* FROM :"schema".spans s
  WHERE s.kind <> 'trace' AND s.invocation_id = ANY (ARRAY(
    SELECT i.id FROM :"schema".invocations i WHERE i.trace_id = trace_waterfall.trace_id))
  UNION ALL
  SELECT s.* FROM :"schema".spans s WHERE s.kind = 'trace' AND s.trace_id = trace_waterfall.trace_id
$$;

-- The spans of the chain below one invocation, and the trace rows of events of the traces it ran in.
CREATE FUNCTION :"schema".chain_waterfall(root_id uuid, max_invocations integer DEFAULT 10000)
RETURNS SETOF :"schema".spans LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH chain AS MATERIALIZED (
    SELECT c.id, c.trace_id FROM :"schema".invocation_chain(chain_waterfall.root_id, max_invocations) c
  )
  SELECT s.* FROM :"schema".spans s WHERE s.kind <> 'trace' AND s.invocation_id = ANY (ARRAY(SELECT id FROM chain))
  UNION ALL
  SELECT s.* FROM :"schema".spans s
  WHERE s.kind = 'trace' AND s.trace_id = ANY (ARRAY(SELECT DISTINCT c.trace_id FROM chain c WHERE c.trace_id IS NOT NULL))
$$;

CREATE VIEW :"schema".performance_points AS
SELECT NULL::timestamptz AS bucket, NULL::text AS name, NULL::bigint AS total, NULL::bigint AS failed,
  NULL::double precision AS avg_ms, NULL::double precision AS p50_ms, NULL::double precision AS p95_ms,
  NULL::double precision AS p99_ms, NULL::integer AS max_ms
WHERE false;

COMMENT ON VIEW :"schema".performance_points IS 'The rows of performance(): what happened in one stretch of time, and how long it took. Has no rows of its own.';
COMMENT ON COLUMN :"schema".performance_points.bucket IS 'When the stretch begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".performance_points.name IS 'The function, module or job; null when all are taken together.';
COMMENT ON COLUMN :"schema".performance_points.p95_ms IS 'From histograms: at most 19 % off.';

-- How many, how many failed, how long, per `step` and name, from the hourly totals; only the hours since `live_from` are
-- counted from rows. Windows begin and end on full hours (UTC). `kind` is function, module (the handlers' durations) or
-- job; a null `step` takes the window as one; `by_name: false` takes all names together.
CREATE FUNCTION :"schema".performance(kind text, since timestamptz, until timestamptz DEFAULT 'infinity', step interval DEFAULT '1 hour',
  name text DEFAULT NULL, by_name boolean DEFAULT true)
RETURNS SETOF :"schema".performance_points LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH bounds AS MATERIALIZED (
    SELECT date_trunc('hour', since, 'UTC') AS low, until AS high, s.live_from,
      greatest(date_trunc('hour', since, 'UTC'), s.live_from) AS live_low
    FROM :"schema".maintenance_state s
  ),
  hours (hour, name, total, failed, duration_sum, max_ms, histogram) AS (
    SELECT m.hour_bucket, m.source_function, m.total_invocations::bigint, m.failed_invocations::bigint,
      m.duration_sum_ms::numeric, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, :"schema".metrics_hourly m
    WHERE kind = 'function' AND m.hour_bucket >= b.low AND m.hour_bucket < least(b.high, b.live_from)
      AND (performance.name IS NULL OR m.source_function = performance.name)
    UNION ALL
    SELECT date_trunc('hour', i.created_at, 'UTC'), i.source_function, count(*),
      count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')), sum(i.total_duration_ms), max(i.total_duration_ms),
      :"schema".histogram(i.total_duration_ms)
    FROM bounds b, :"schema".invocations i
    WHERE kind = 'function' AND i.created_at >= b.live_low AND i.created_at < b.high
      AND (performance.name IS NULL OR i.source_function = performance.name)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.job_name, m.total_runs, m.failed_runs, m.duration_sum_ms, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, :"schema".job_metrics_hourly m
    WHERE kind = 'job' AND m.hour_bucket >= b.low AND m.hour_bucket < least(b.high, b.live_from)
      AND (performance.name IS NULL OR m.job_name = performance.name)
    UNION ALL
    SELECT date_trunc('hour', j.created_at, 'UTC'), j.job_name, count(*),
      count(*) FILTER (WHERE j.status IN ('failed', 'timeout', 'lost')), sum(j.duration_ms), max(j.duration_ms),
      :"schema".histogram(j.duration_ms)
    FROM bounds b, :"schema".job_executions j
    WHERE kind = 'job' AND j.id >= :"schema".uuid_v7_at(b.live_low) AND j.created_at < b.high
      AND (performance.name IS NULL OR j.job_name = performance.name)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.event_name, m.total_detected, m.failed_events,
      m.avg_handler_ms * (SELECT sum(n) FROM unnest(m.handler_histogram) n), m.max_handler_ms, m.handler_histogram::bigint[]
    FROM bounds b, :"schema".event_metrics_hourly m
    WHERE kind = 'module' AND m.hour_bucket >= b.low AND m.hour_bucket < least(b.high, b.live_from)
      AND (performance.name IS NULL OR m.event_name = performance.name)
    UNION ALL
    SELECT date_trunc('hour', e.created_at, 'UTC'), e.event_name, count(*) FILTER (WHERE e.detected),
      count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost')), sum(e.handler_duration_ms),
      max(e.handler_duration_ms), :"schema".histogram(e.handler_duration_ms)
    FROM bounds b, :"schema".event_executions e
    WHERE kind = 'module' AND e.id >= :"schema".uuid_v7_at(b.live_low) AND e.created_at < b.high
      AND (performance.name IS NULL OR e.event_name = performance.name)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, h.hour, '2000-01-01 00:00:00+00') END AS bucket,
      CASE WHEN by_name THEN h.name END AS name, sum(h.total) AS total, sum(h.failed) AS failed,
      sum(h.duration_sum) AS duration_sum, max(h.max_ms) AS max_ms, :"schema".histogram_sum(h.histogram) AS histogram
    FROM hours h GROUP BY 1, 2
  )
  SELECT p.bucket, p.name, p.total::bigint, p.failed::bigint,
    (p.duration_sum / nullif((SELECT sum(n) FROM unnest(p.histogram) n), 0))::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least(:"schema".histogram_percentile(p.histogram, 0.5), p.max_ms), least(:"schema".histogram_percentile(p.histogram, 0.95), p.max_ms),
    least(:"schema".histogram_percentile(p.histogram, 0.99), p.max_ms), p.max_ms
  FROM points p
  ORDER BY p.bucket, p.name
$$;

CREATE VIEW :"schema".module_statistics_rows AS
SELECT NULL::text AS event_name, NULL::bigint AS total_asked, NULL::bigint AS total_detected, NULL::bigint AS failed,
  NULL::numeric AS detected_percent, NULL::timestamptz AS last_asked_hour, NULL::timestamptz AS last_detected_hour
WHERE false;

COMMENT ON VIEW :"schema".module_statistics_rows IS 'The rows of module_statistics(): how often an event module was asked, and fired. Has no rows of its own.';

-- How often each event module was asked and fired in the last `since`, from the hourly totals and the rows of the current
-- hour. A module that never fires has total_detected 0, one that always fires 100 percent.
CREATE FUNCTION :"schema".module_statistics(since interval DEFAULT '7 days') RETURNS SETOF :"schema".module_statistics_rows
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH bounds AS MATERIALIZED (
    SELECT date_trunc('hour', now() - since, 'UTC') AS low, s.live_from,
      greatest(date_trunc('hour', now() - since, 'UTC'), s.live_from) AS live_low
    FROM :"schema".maintenance_state s
  ),
  hours (hour, event_name, asked, detected, failed) AS (
    SELECT m.hour_bucket, m.event_name, m.total_asked::bigint, m.total_detected::bigint, m.failed_events::bigint
    FROM bounds b, :"schema".event_metrics_hourly m WHERE m.hour_bucket >= b.low AND m.hour_bucket < b.live_from
    UNION ALL
    SELECT date_trunc('hour', e.created_at, 'UTC'), e.event_name, count(*), count(*) FILTER (WHERE e.detected),
      count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost'))
    FROM bounds b, :"schema".event_executions e WHERE e.id >= :"schema".uuid_v7_at(b.live_low)
    GROUP BY 1, 2
  )
  SELECT h.event_name, sum(h.asked)::bigint, sum(h.detected)::bigint, sum(h.failed)::bigint,
    round(100.0 * sum(h.detected) / nullif(sum(h.asked), 0), 2), max(h.hour), max(h.hour) FILTER (WHERE h.detected > 0)
  FROM hours h GROUP BY h.event_name
  ORDER BY sum(h.asked) DESC, h.event_name
$$;

-- What is the same in two messages of one error: ids, times, addresses and numbers are taken out.
CREATE FUNCTION :"schema".error_pattern(message text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT left(btrim(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(message, 2000),
      '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '<id>', 'gi'),
      '[[:alnum:]_.+-]+@[[:alnum:]-]+(\.[[:alnum:]-]+)+', '<email>', 'g'),
      '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?', '<time>', 'g'),
      '\m(0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\M', '<hex>', 'gi'),
      '\d+(\.\d+)*', '<n>', 'g'),
      '\s+', ' ', 'g')), 300)
$$;

CREATE VIEW :"schema".job_error_groups AS
SELECT NULL::text AS fingerprint, NULL::text AS job_name, NULL::text AS pattern, NULL::text AS last_message, NULL::bigint AS runs,
  NULL::bigint AS invocations, NULL::timestamptz AS first_seen, NULL::timestamptz AS last_seen, NULL::uuid AS last_job_execution_id,
  NULL::uuid AS last_invocation_id
WHERE false;

COMMENT ON VIEW :"schema".job_error_groups IS 'The rows of job_errors(): runs of one job that failed in the same way. Has no rows of its own.';
COMMENT ON COLUMN :"schema".job_error_groups.fingerprint IS 'Of job and pattern; stays the same for the same error.';
COMMENT ON COLUMN :"schema".job_error_groups.pattern IS 'The message without its ids, times, addresses and numbers.';

-- Failed runs of the last `since` by job and by what their messages have in common, the most frequent first.
CREATE FUNCTION :"schema".job_errors(since interval DEFAULT '24 hours', job_name text DEFAULT NULL)
RETURNS SETOF :"schema".job_error_groups LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT left(md5(f.job_name || E'\n' || f.pattern), 16), f.job_name, f.pattern,
    (array_agg(f.error_message ORDER BY f.created_at DESC, f.id DESC))[1], count(*), count(DISTINCT f.invocation_id),
    min(f.created_at), max(f.created_at), (array_agg(f.id ORDER BY f.created_at DESC, f.id DESC))[1],
    (array_agg(f.invocation_id ORDER BY f.created_at DESC, f.id DESC))[1]
  FROM (
    SELECT j.*, coalesce(:"schema".error_pattern(j.error_message), j.status) AS pattern
    FROM :"schema".job_executions j
    WHERE j.status IN ('failed', 'timeout', 'lost') AND j.created_at >= now() - since
      AND (job_errors.job_name IS NULL OR j.job_name = job_errors.job_name)
  ) f
  GROUP BY f.job_name, f.pattern
  ORDER BY count(*) DESC, max(f.created_at) DESC
$$;

CREATE VIEW :"schema".facet_counts AS
SELECT NULL::text AS facet, NULL::text AS value, NULL::bigint AS invocations WHERE false;

COMMENT ON VIEW :"schema".facet_counts IS 'The rows of invocation_facets(): how many invocations have one value. Has no rows of its own.';
COMMENT ON COLUMN :"schema".facet_counts.facet IS 'status, source_function, source_table or source_operation.';

-- How many invocations of a window have each status, function, table and operation. `filters` is an object of lists,
-- {"status": ["failed", "lost"]}; it narrows every facet but its own, so that a list shows what else could be chosen.
CREATE FUNCTION :"schema".invocation_facets(since timestamptz DEFAULT '-infinity', until timestamptz DEFAULT 'infinity', filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".facet_counts LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH combinations AS MATERIALIZED (
    SELECT i.status, i.source_function, i.source_table, i.source_operation, count(*) AS n
    FROM :"schema".invocations i
    WHERE i.created_at >= since AND i.created_at < until
    GROUP BY 1, 2, 3, 4
  ),
  fits AS MATERIALIZED (
    SELECT c.*,
      filters -> 'status' IS NULL OR filters -> 'status' ? c.status AS by_status,
      filters -> 'source_function' IS NULL OR filters -> 'source_function' ? c.source_function AS by_function,
      filters -> 'source_table' IS NULL OR filters -> 'source_table' ? c.source_table AS by_table,
      filters -> 'source_operation' IS NULL OR filters -> 'source_operation' ? c.source_operation AS by_operation
    FROM combinations c
  )
  SELECT facet, value, sum(n)::bigint
  FROM (
    SELECT 'status' AS facet, status AS value, n FROM fits WHERE by_function AND by_table AND by_operation
    UNION ALL SELECT 'source_function', source_function, n FROM fits WHERE by_status AND by_table AND by_operation
    UNION ALL SELECT 'source_table', source_table, n FROM fits WHERE by_status AND by_function AND by_operation
    UNION ALL SELECT 'source_operation', source_operation, n FROM fits WHERE by_status AND by_function AND by_table
  ) t
  GROUP BY facet, value
  ORDER BY facet, sum(n) DESC, value
$$;

CREATE VIEW :"schema".correlation_coverage_rows AS
SELECT NULL::text AS correlation_source, NULL::text AS correlation_detail, NULL::boolean AS inherited, NULL::bigint AS invocations,
  NULL::numeric AS percent
WHERE false;

COMMENT ON VIEW :"schema".correlation_coverage_rows IS 'The rows of correlation_coverage(): where invocations found their correlation id. Has no rows of its own.';
COMMENT ON COLUMN :"schema".correlation_coverage_rows.inherited IS 'Whether the correlation id was not made here.';

DROP FUNCTION :"schema".correlation_coverage(interval);
-- How the invocations of the last `since` found their chain: from where, or why not, how many, and their share in percent.
CREATE FUNCTION :"schema".correlation_coverage(since interval DEFAULT '24 hours') RETURNS SETOF :"schema".correlation_coverage_rows
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT
    i.correlation_source,
    i.correlation_detail,
    i.correlation_source <> 'generated',
    count(*),
    round(100.0 * count(*) / sum(count(*)) OVER (), 2)
  FROM :"schema".invocations i
  WHERE i.created_at > now() - since
  GROUP BY 1, 2, 3
  ORDER BY 4 DESC, 1, 2
$$;
