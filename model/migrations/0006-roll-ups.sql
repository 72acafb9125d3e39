-- Totals per hour: by function, by event and by job, with histograms of durations that can be added up, so that a
-- percentile over any range of time never reads the rows it is about.
--
-- An hour is always counted anew from its rows, never added to: run twice, the same totals. Which hours to count is told
-- by the transaction that last wrote a row (xmin), not by updated_at: that is the recorder's clock, and rows written after
-- an outage or from a journal carry times of hours ago.

-- Durations in 97 buckets: below 1 ms, then four to each doubling, the last from 3.3 hours on. The small addend keeps
-- powers of two, whose logarithm is not exact, in their own bucket.
CREATE FUNCTION :"schema".histogram_add(state bigint[], ms integer) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  bucket integer := CASE WHEN ms < 1 THEN 1
    ELSE least(97, 2 + floor(4 * ln(ms::double precision) / ln(2::double precision) + 1e-9)::integer) END;
BEGIN
  IF bucket > cardinality(state) THEN state := state || array_fill(0::bigint, ARRAY[bucket - cardinality(state)]); END IF;
  state[bucket] := state[bucket] + 1;
  RETURN state;
END
$$;

-- The histogram of durations in milliseconds; nulls are not counted. As long as its last bucket that is not empty.
CREATE AGGREGATE :"schema".histogram(integer) (SFUNC = :"schema".histogram_add, STYPE = bigint[], INITCOND = '{}');

CREATE FUNCTION :"schema".histogram_merge(a bigint[], b bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY n), '{}')
  FROM unnest(a, b) WITH ORDINALITY AS merged (x, y, n)
$$;

-- The histogram of everything that several histograms count.
CREATE AGGREGATE :"schema".histogram_sum(bigint[]) (SFUNC = :"schema".histogram_merge, STYPE = bigint[], INITCOND = '{}');

-- The duration that a share `p` (0 to 1) of a histogram's durations does not exceed, in milliseconds; at most 19 % off,
-- the width of a bucket. Null when it counts nothing.
CREATE FUNCTION :"schema".histogram_percentile(buckets bigint[], p double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  total double precision := (SELECT sum(n) FROM unnest(buckets) n);
  rank double precision := least(greatest(p, 0), 1) * total;
  before double precision := 0;
BEGIN
  IF total IS NULL OR total = 0 THEN RETURN NULL; END IF;
  FOR bucket IN 1 .. cardinality(buckets) LOOP
    IF buckets[bucket] > 0 AND before + buckets[bucket] >= rank THEN
      IF bucket = 1 THEN RETURN 0; END IF;
      RETURN power(2, (bucket - 2 + (rank - before) / buckets[bucket]) / 4);
    END IF;
    before := before + buckets[bucket];
  END LOOP;
  RETURN NULL;
END
$$;

CREATE TABLE :"schema".metrics_hourly (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  hour_bucket timestamptz NOT NULL,
  source_function text NOT NULL,
  total_invocations integer NOT NULL DEFAULT 0,
  total_events_detected integer NOT NULL DEFAULT 0,
  total_jobs_run integer NOT NULL DEFAULT 0,
  total_jobs_succeeded integer NOT NULL DEFAULT 0,
  total_jobs_failed integer NOT NULL DEFAULT 0,
  successful_invocations integer NOT NULL DEFAULT 0,
  failed_invocations integer NOT NULL DEFAULT 0,
  lost_invocations integer NOT NULL DEFAULT 0,
  inherited_invocations integer NOT NULL DEFAULT 0,
  avg_duration_ms numeric(12,2),
  min_duration_ms integer,
  max_duration_ms integer,
  p95_duration_ms numeric(12,2),
  duration_sum_ms bigint NOT NULL DEFAULT 0,
  duration_histogram integer[] NOT NULL DEFAULT '{}',
  top_detected_events jsonb NOT NULL DEFAULT '[]',
  most_failed_jobs jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (hour_bucket, source_function)
);

COMMENT ON TABLE :"schema".metrics_hourly IS 'Invocations of one function that started in one hour (UTC). Kept when the invocations are deleted.';
COMMENT ON COLUMN :"schema".metrics_hourly.failed_invocations IS 'Failed, timed out or lost.';
COMMENT ON COLUMN :"schema".metrics_hourly.inherited_invocations IS 'Those whose correlation id was not made here.';
COMMENT ON COLUMN :"schema".metrics_hourly.p95_duration_ms IS 'Exact for this hour; over several hours take histogram_percentile(histogram_sum(duration_histogram), 0.95).';

CREATE TABLE :"schema".event_metrics_hourly (
  hour_bucket timestamptz NOT NULL,
  event_name text NOT NULL,
  total_asked integer NOT NULL DEFAULT 0,
  total_detected integer NOT NULL DEFAULT 0,
  failed_events integer NOT NULL DEFAULT 0,
  total_jobs_run integer NOT NULL DEFAULT 0,
  total_jobs_failed integer NOT NULL DEFAULT 0,
  avg_detection_ms numeric(12,2),
  max_detection_ms integer,
  detection_histogram integer[] NOT NULL DEFAULT '{}',
  avg_handler_ms numeric(12,2),
  max_handler_ms integer,
  handler_histogram integer[] NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (hour_bucket, event_name)
);

COMMENT ON TABLE :"schema".event_metrics_hourly IS 'How often one event module was asked in one hour (UTC), and what became of it.';

CREATE TABLE :"schema".job_metrics_hourly (
  hour_bucket timestamptz NOT NULL,
  job_name text NOT NULL,
  total_runs integer NOT NULL DEFAULT 0,
  successful_runs integer NOT NULL DEFAULT 0,
  failed_runs integer NOT NULL DEFAULT 0,
  avg_duration_ms numeric(12,2),
  min_duration_ms integer,
  max_duration_ms integer,
  p95_duration_ms numeric(12,2),
  duration_sum_ms bigint NOT NULL DEFAULT 0,
  duration_histogram integer[] NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (hour_bucket, job_name)
);

COMMENT ON TABLE :"schema".job_metrics_hourly IS 'Runs of one job that started in one hour (UTC).';
COMMENT ON COLUMN :"schema".job_metrics_hourly.failed_runs IS 'Failed, timed out or lost.';

CREATE TABLE :"schema".metrics_snapshots (
  hour_bucket timestamptz PRIMARY KEY,
  total_invocations integer NOT NULL,
  failed_invocations integer NOT NULL,
  lost_invocations integer NOT NULL,
  inherited_invocations integer NOT NULL,
  total_events_asked integer NOT NULL,
  total_events_detected integer NOT NULL,
  total_jobs_run integer NOT NULL,
  total_jobs_failed integer NOT NULL,
  p50_duration_ms double precision,
  p95_duration_ms double precision,
  p99_duration_ms double precision,
  updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE :"schema".metrics_snapshots IS 'Everything of one hour (UTC) in one row, for trends.';

CREATE TABLE :"schema".maintenance_state (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  live_from timestamptz NOT NULL DEFAULT '-infinity',
  frozen_before timestamptz NOT NULL DEFAULT '-infinity',
  swept_at timestamptz NOT NULL DEFAULT '-infinity',
  last_run_at timestamptz,
  last_report jsonb
);

COMMENT ON TABLE :"schema".maintenance_state IS 'One row: how far maintenance has come, and what its last run did.';
COMMENT ON COLUMN :"schema".maintenance_state.live_from IS 'Hours before it are read from the roll-ups, hours from it on from the rows.';
COMMENT ON COLUMN :"schema".maintenance_state.frozen_before IS 'Rows before it were dropped, so that hours before it are not counted again.';
COMMENT ON COLUMN :"schema".maintenance_state.swept_at IS 'When all partitions were last searched for hours that changed late.';
INSERT INTO :"schema".maintenance_state DEFAULT VALUES;

CREATE TABLE :"schema".partition_state (
  name text PRIMARY KEY,
  rows_written bigint,
  rows_deleted bigint,
  searched_from bigint
);

COMMENT ON TABLE :"schema".partition_state IS 'What maintenance last saw of each partition, so that it searches only those that changed.';
COMMENT ON COLUMN :"schema".partition_state.rows_written IS 'Postgres'' count of rows ever inserted or updated when it was last searched for changed hours.';
COMMENT ON COLUMN :"schema".partition_state.rows_deleted IS 'Postgres'' count of rows ever deleted when it was last searched for orphans.';
COMMENT ON COLUMN :"schema".partition_state.searched_from IS 'The oldest transaction whose rows the last search may not have seen.';

-- The hours of rows that were written since the last search, in partitions that were written to at all.
CREATE FUNCTION :"schema".changed_hours() RETURNS SETOF timestamptz
LANGUAGE plpgsql AS $$
DECLARE
  part record;
  known :"schema".partition_state;
  written bigint;
  oldest_open bigint;
  -- Postgres' counts arrive with some delay, so what is written to now is searched in any case.
  recent text := to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYYMMDD');
BEGIN
  FOR part IN
    SELECT c.oid, c.relname AS name FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
    WHERE h.inhparent IN (to_regclass(format('%I.invocations', :'schema')), to_regclass(format('%I.event_executions', :'schema')), to_regclass(format('%I.job_executions', :'schema')))
  LOOP
    written := pg_stat_get_tuples_inserted(part.oid) + pg_stat_get_tuples_updated(part.oid);
    SELECT * INTO known FROM :"schema".partition_state p WHERE p.name = part.name;
    CONTINUE WHEN known.searched_from IS NOT NULL AND known.rows_written = written
      AND part.name !~ '_default$' AND right(part.name, 8) < recent;
    oldest_open := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    RETURN QUERY EXECUTE format(
      'SELECT DISTINCT date_trunc(''hour'', created_at, ''UTC'') FROM %s WHERE $1 IS NULL OR age(xmin) <= age($1::text::xid)',
      part.oid::regclass) USING known.searched_from % 4294967296;
    INSERT INTO :"schema".partition_state AS s (name, rows_written, searched_from) VALUES (part.name, written, oldest_open)
    ON CONFLICT (name) DO UPDATE SET rows_written = excluded.rows_written, searched_from = excluded.searched_from;
  END LOOP;
END
$$;

-- Counts one hour anew, by function, event and job.
CREATE FUNCTION :"schema".roll_up_hour(hour timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  next_hour timestamptz := hour + interval '1 hour';
  low uuid := :"schema".uuid_v7_at(hour);
  high uuid := :"schema".uuid_v7_at(hour + interval '1 hour');
BEGIN
  INSERT INTO :"schema".metrics_hourly AS m (hour_bucket, source_function, total_invocations, total_events_detected,
    total_jobs_run, total_jobs_succeeded, total_jobs_failed, successful_invocations, failed_invocations, lost_invocations,
    inherited_invocations, avg_duration_ms, min_duration_ms, max_duration_ms, p95_duration_ms, duration_sum_ms,
    duration_histogram, top_detected_events, most_failed_jobs)
  SELECT hour, t.*, coalesce(detected.top, '[]'), coalesce(failed.top, '[]')
  FROM (
    SELECT i.source_function, count(*), sum(i.events_detected_count),
      sum(i.total_jobs_run), sum(i.total_jobs_succeeded), sum(i.total_jobs_failed),
      count(*) FILTER (WHERE i.status = 'completed'), count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')),
      count(*) FILTER (WHERE i.status = 'lost'), count(*) FILTER (WHERE i.correlation_source <> 'generated'),
      avg(i.total_duration_ms), min(i.total_duration_ms), max(i.total_duration_ms),
      percentile_cont(0.95) WITHIN GROUP (ORDER BY i.total_duration_ms), coalesce(sum(i.total_duration_ms), 0),
      :"schema".histogram(i.total_duration_ms)
    FROM :"schema".invocations i
    WHERE i.created_at >= hour AND i.created_at < next_hour
    GROUP BY i.source_function
  ) t
  LEFT JOIN (
    SELECT r.source_function, jsonb_agg(jsonb_build_object('event_name', r.event_name, 'count', r.n) ORDER BY r.place) AS top
    FROM (
      SELECT i.source_function, e.event_name, count(*) AS n,
        row_number() OVER (PARTITION BY i.source_function ORDER BY count(*) DESC, e.event_name) AS place
      FROM :"schema".event_executions e JOIN :"schema".invocations i ON i.id = e.invocation_id
      WHERE e.id >= low AND e.id < high AND e.detected AND i.created_at >= hour AND i.created_at < next_hour
      GROUP BY 1, 2
    ) r WHERE r.place <= 5 GROUP BY 1
  ) detected USING (source_function)
  LEFT JOIN (
    SELECT r.source_function, jsonb_agg(jsonb_build_object('job_name', r.job_name, 'count', r.n) ORDER BY r.place) AS top
    FROM (
      SELECT i.source_function, j.job_name, count(*) AS n,
        row_number() OVER (PARTITION BY i.source_function ORDER BY count(*) DESC, j.job_name) AS place
      FROM :"schema".job_executions j JOIN :"schema".invocations i ON i.id = j.invocation_id
      WHERE j.id >= low AND j.id < high AND j.status IN ('failed', 'timeout', 'lost')
        AND i.created_at >= hour AND i.created_at < next_hour
      GROUP BY 1, 2
    ) r WHERE r.place <= 5 GROUP BY 1
  ) failed USING (source_function)
  ON CONFLICT (hour_bucket, source_function) DO UPDATE SET
    total_invocations = excluded.total_invocations, total_events_detected = excluded.total_events_detected,
    total_jobs_run = excluded.total_jobs_run, total_jobs_succeeded = excluded.total_jobs_succeeded,
    total_jobs_failed = excluded.total_jobs_failed, successful_invocations = excluded.successful_invocations,
    failed_invocations = excluded.failed_invocations, lost_invocations = excluded.lost_invocations,
    inherited_invocations = excluded.inherited_invocations, avg_duration_ms = excluded.avg_duration_ms,
    min_duration_ms = excluded.min_duration_ms, max_duration_ms = excluded.max_duration_ms,
    p95_duration_ms = excluded.p95_duration_ms, duration_sum_ms = excluded.duration_sum_ms,
    duration_histogram = excluded.duration_histogram, top_detected_events = excluded.top_detected_events,
    most_failed_jobs = excluded.most_failed_jobs, updated_at = now();

  INSERT INTO :"schema".event_metrics_hourly (hour_bucket, event_name, total_asked, total_detected, failed_events,
    total_jobs_run, total_jobs_failed, avg_detection_ms, max_detection_ms, detection_histogram, avg_handler_ms,
    max_handler_ms, handler_histogram)
  SELECT hour, e.event_name, count(*), count(*) FILTER (WHERE e.detected),
    count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost')),
    sum(e.jobs_count), sum(e.jobs_failed), avg(e.detection_duration_ms), max(e.detection_duration_ms),
    :"schema".histogram(e.detection_duration_ms), avg(e.handler_duration_ms), max(e.handler_duration_ms),
    :"schema".histogram(e.handler_duration_ms)
  FROM :"schema".event_executions e
  WHERE e.id >= low AND e.id < high
  GROUP BY e.event_name
  ON CONFLICT (hour_bucket, event_name) DO UPDATE SET
    total_asked = excluded.total_asked, total_detected = excluded.total_detected, failed_events = excluded.failed_events,
    total_jobs_run = excluded.total_jobs_run, total_jobs_failed = excluded.total_jobs_failed,
    avg_detection_ms = excluded.avg_detection_ms, max_detection_ms = excluded.max_detection_ms,
    detection_histogram = excluded.detection_histogram, avg_handler_ms = excluded.avg_handler_ms,
    max_handler_ms = excluded.max_handler_ms, handler_histogram = excluded.handler_histogram, updated_at = now();

  INSERT INTO :"schema".job_metrics_hourly (hour_bucket, job_name, total_runs, successful_runs, failed_runs,
    avg_duration_ms, min_duration_ms, max_duration_ms, p95_duration_ms, duration_sum_ms, duration_histogram)
  SELECT hour, j.job_name, count(*), count(*) FILTER (WHERE j.status = 'completed'),
    count(*) FILTER (WHERE j.status IN ('failed', 'timeout', 'lost')), avg(j.duration_ms), min(j.duration_ms),
    max(j.duration_ms), percentile_cont(0.95) WITHIN GROUP (ORDER BY j.duration_ms), coalesce(sum(j.duration_ms), 0),
    :"schema".histogram(j.duration_ms)
  FROM :"schema".job_executions j
  WHERE j.id >= low AND j.id < high
  GROUP BY j.job_name
  ON CONFLICT (hour_bucket, job_name) DO UPDATE SET
    total_runs = excluded.total_runs, successful_runs = excluded.successful_runs, failed_runs = excluded.failed_runs,
    avg_duration_ms = excluded.avg_duration_ms, min_duration_ms = excluded.min_duration_ms,
    max_duration_ms = excluded.max_duration_ms, p95_duration_ms = excluded.p95_duration_ms,
    duration_sum_ms = excluded.duration_sum_ms, duration_histogram = excluded.duration_histogram, updated_at = now();

  INSERT INTO :"schema".metrics_snapshots (hour_bucket, total_invocations, failed_invocations, lost_invocations,
    inherited_invocations, total_events_asked, total_events_detected, total_jobs_run, total_jobs_failed,
    p50_duration_ms, p95_duration_ms, p99_duration_ms)
  SELECT hour, coalesce(f.total, 0), coalesce(f.failed, 0), coalesce(f.lost, 0), coalesce(f.inherited, 0),
    coalesce(e.asked, 0), coalesce(e.detected, 0), coalesce(j.runs, 0), coalesce(j.failed, 0),
    :"schema".histogram_percentile(f.durations, 0.5), :"schema".histogram_percentile(f.durations, 0.95),
    :"schema".histogram_percentile(f.durations, 0.99)
  FROM (SELECT sum(m.total_invocations) AS total, sum(m.failed_invocations) AS failed, sum(m.lost_invocations) AS lost,
          sum(m.inherited_invocations) AS inherited, :"schema".histogram_sum(m.duration_histogram) AS durations
        FROM :"schema".metrics_hourly m WHERE m.hour_bucket = hour) f,
       (SELECT sum(m.total_asked) AS asked, sum(m.total_detected) AS detected
        FROM :"schema".event_metrics_hourly m WHERE m.hour_bucket = hour) e,
       (SELECT sum(m.total_runs) AS runs, sum(m.failed_runs) AS failed
        FROM :"schema".job_metrics_hourly m WHERE m.hour_bucket = hour) j
  ON CONFLICT (hour_bucket) DO UPDATE SET
    total_invocations = excluded.total_invocations, failed_invocations = excluded.failed_invocations,
    lost_invocations = excluded.lost_invocations, inherited_invocations = excluded.inherited_invocations,
    total_events_asked = excluded.total_events_asked, total_events_detected = excluded.total_events_detected,
    total_jobs_run = excluded.total_jobs_run, total_jobs_failed = excluded.total_jobs_failed,
    p50_duration_ms = excluded.p50_duration_ms, p95_duration_ms = excluded.p95_duration_ms,
    p99_duration_ms = excluded.p99_duration_ms, updated_at = now();
END
$$;

-- Counts the hours that changed and returns how many: those since the last run (and the one before), and with `sweep` any
-- hour of any partition that was written to. Callers take turns; each finds what the one before has left.
CREATE FUNCTION :"schema".roll_up(sweep boolean DEFAULT true) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  state :"schema".maintenance_state;
  recent_from timestamptz;
  hours timestamptz[];
  hour timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(:'schema' || '.roll_up', 0));
  SELECT * INTO state FROM :"schema".maintenance_state;
  sweep := sweep OR state.swept_at = '-infinity';
  recent_from := date_trunc('hour', now(), 'UTC') - interval '1 hour';
  IF state.live_from > '-infinity' THEN recent_from := least(recent_from, state.live_from - interval '1 hour'); END IF;
  hours := ARRAY(
    SELECT date_trunc('hour', i.created_at, 'UTC') FROM :"schema".invocations i WHERE i.created_at >= recent_from
    UNION
    SELECT date_trunc('hour', e.created_at, 'UTC') FROM :"schema".event_executions e WHERE e.id >= :"schema".uuid_v7_at(recent_from)
    UNION
    SELECT date_trunc('hour', j.created_at, 'UTC') FROM :"schema".job_executions j WHERE j.id >= :"schema".uuid_v7_at(recent_from));
  IF sweep THEN hours := hours || ARRAY(SELECT :"schema".changed_hours()); END IF;
  hours := ARRAY(SELECT DISTINCT h FROM unnest(hours) h WHERE h >= state.frozen_before ORDER BY h);
  FOREACH hour IN ARRAY hours LOOP PERFORM :"schema".roll_up_hour(hour); END LOOP;
  UPDATE :"schema".maintenance_state SET
    -- What just ended may still be on its way from a buffer.
    live_from = date_trunc('hour', now() - interval '10 minutes', 'UTC'),
    swept_at = CASE WHEN sweep THEN now() ELSE swept_at END;
  RETURN cardinality(hours);
END
$$;

CREATE FUNCTION :"schema".refresh_dashboard_stats() RETURNS void
LANGUAGE sql AS $$ SELECT :"schema".roll_up() $$;

-- Totals per hour and function over the last seven days: what is past from the roll-ups, the current hour from the rows.
CREATE OR REPLACE VIEW :"schema".dashboard_stats AS
SELECT
  hour_bucket,
  source_function,
  total_invocations::bigint AS total_invocations,
  successful_invocations::bigint AS successful_invocations,
  failed_invocations::bigint AS failed_invocations,
  total_events_detected::bigint AS total_events_detected,
  total_jobs_run::bigint AS total_jobs_run,
  total_jobs_succeeded::bigint AS total_jobs_succeeded,
  avg_duration_ms::numeric AS avg_duration_ms,
  min_duration_ms,
  max_duration_ms,
  p95_duration_ms::double precision AS p95_duration_ms
FROM :"schema".metrics_hourly
WHERE hour_bucket >= date_trunc('hour', now() - interval '7 days', 'UTC')
  AND hour_bucket < (SELECT live_from FROM :"schema".maintenance_state)
UNION ALL
SELECT
  date_trunc('hour', created_at, 'UTC'),
  source_function,
  count(*),
  count(*) FILTER (WHERE status = 'completed'),
  count(*) FILTER (WHERE status IN ('failed', 'timeout', 'lost')),
  coalesce(sum(events_detected_count), 0),
  coalesce(sum(total_jobs_run), 0),
  coalesce(sum(total_jobs_succeeded), 0),
  round(avg(total_duration_ms), 2),
  min(total_duration_ms),
  max(total_duration_ms),
  percentile_cont(0.95) WITHIN GROUP (ORDER BY total_duration_ms)
FROM :"schema".invocations
WHERE created_at >= date_trunc('hour', now() - interval '7 days', 'UTC')
  AND created_at >= (SELECT live_from FROM :"schema".maintenance_state)
GROUP BY 1, 2;
