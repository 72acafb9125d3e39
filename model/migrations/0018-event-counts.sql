-- What is asked of events: indexes for it, and their number by hour.

-- Each index names its question. Partial where most events have no such value: what is not in an index costs a write nothing.
-- All events of a correlation id, a session, an actor, in time.
CREATE INDEX events_correlation_id ON :"schema".events (correlation_id, "timestamp") WHERE correlation_id IS NOT NULL;
CREATE INDEX events_session_id ON :"schema".events (session_id, "timestamp") WHERE session_id IS NOT NULL;
CREATE INDEX events_actor_id ON :"schema".events (actor_id, "timestamp") WHERE actor_id IS NOT NULL;
-- The latest of a type, and of a service.
CREATE INDEX events_event_type ON :"schema".events (event_type, "timestamp");
CREATE INDEX events_service_name ON :"schema".events (service_name, "timestamp") WHERE service_name IS NOT NULL;
-- The latest errors, of one service or of all: by their outcome, and by the level of a log. Few, so that it stays small.
CREATE INDEX events_errors ON :"schema".events (service_name, "timestamp") WHERE outcome = 'error' OR log_level IN ('error', 'fatal');

CREATE TABLE :"schema".event_counts_hourly (
  hour_bucket timestamptz NOT NULL,
  event_type text NOT NULL,
  ns text NOT NULL,
  service_name text,
  outcome text,
  log_level text,
  total bigint NOT NULL,
  durations bigint NOT NULL,
  duration_sum_ms double precision,
  duration_max_ms double precision,
  last_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_counts_hourly_hour_bucket ON :"schema".event_counts_hourly (hour_bucket, event_type);

COMMENT ON TABLE :"schema".event_counts_hourly IS 'Events of one hour (UTC) that have type, namespace, service, outcome and level in common. Kept when the events are deleted.';
COMMENT ON COLUMN :"schema".event_counts_hourly.durations IS 'How many of them have a duration.';
COMMENT ON COLUMN :"schema".event_counts_hourly.last_at IS 'When the last of them happened.';

-- The hours of rows that were written since the last search, in the partitions of these tables that were written to at all.
CREATE FUNCTION :"schema".changed_hours(tables text[], time_column text) RETURNS SETOF timestamptz
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
    SELECT c.oid, c.relname AS name FROM unnest(tables) t JOIN pg_inherits h ON h.inhparent = to_regclass(format('%I.%I', :'schema', t))
    JOIN pg_class c ON c.oid = h.inhrelid
  LOOP
    written := pg_stat_get_tuples_inserted(part.oid) + pg_stat_get_tuples_updated(part.oid);
    SELECT * INTO known FROM :"schema".partition_state p WHERE p.name = part.name;
    CONTINUE WHEN known.searched_from IS NOT NULL AND known.rows_written = written
      AND part.name !~ '_default$' AND right(part.name, 8) < recent;
    oldest_open := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    RETURN QUERY EXECUTE format(
      'SELECT DISTINCT date_trunc(''hour'', %I, ''UTC'') FROM %s WHERE $1 IS NULL OR age(xmin) <= age($1::text::xid)',
      time_column, part.oid::regclass) USING known.searched_from % 4294967296;
    INSERT INTO :"schema".partition_state AS s (name, rows_written, searched_from) VALUES (part.name, written, oldest_open)
    ON CONFLICT (name) DO UPDATE SET rows_written = excluded.rows_written, searched_from = excluded.searched_from;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION :"schema".changed_hours() RETURNS SETOF timestamptz
LANGUAGE sql AS $$
  SELECT :"schema".changed_hours(ARRAY['invocations', 'event_executions', 'job_executions'], 'created_at')
$$;

-- Counts the events of one hour anew.
CREATE FUNCTION :"schema".count_events_hour(start timestamptz) RETURNS void
LANGUAGE sql AS $$
  DELETE FROM :"schema".event_counts_hourly c WHERE c.hour_bucket = start;
  INSERT INTO :"schema".event_counts_hourly
    (hour_bucket, event_type, ns, service_name, outcome, log_level, total, durations, duration_sum_ms, duration_max_ms, last_at)
  SELECT start, e.event_type, e.ns, e.service_name, e.outcome, e.log_level, count(*), count(e.duration_ms), sum(e.duration_ms),
    max(e.duration_ms), max(e."timestamp")
  FROM :"schema".events e
  WHERE e."timestamp" >= start AND e."timestamp" < start + interval '1 hour'
  GROUP BY e.event_type, e.ns, e.service_name, e.outcome, e.log_level
$$;

-- Counts the hours in which events arrived and returns how many hours: those from `recent_from` to now, and with `sweep` any
-- in whose partitions something was written since the last sweep: late events, and those of clocks that run ahead. Hours
-- before `frozen_before` stay as they are: their events were dropped.
CREATE FUNCTION :"schema".roll_up_events(recent_from timestamptz, frozen_before timestamptz, sweep boolean) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  hours timestamptz[];
  hour timestamptz;
BEGIN
  IF recent_from > '-infinity' THEN
    hours := ARRAY(SELECT generate_series(recent_from, date_trunc('hour', now(), 'UTC'), interval '1 hour'));
  END IF;
  IF sweep THEN hours := hours || ARRAY(SELECT :"schema".changed_hours(ARRAY['events'], 'timestamp')); END IF;
  hours := ARRAY(SELECT DISTINCT h FROM unnest(hours) h WHERE h >= frozen_before ORDER BY h);
  FOREACH hour IN ARRAY hours LOOP PERFORM :"schema".count_events_hour(hour); END LOOP;
  RETURN cardinality(hours);
END
$$;

-- As before, and the hours of events.
CREATE OR REPLACE FUNCTION :"schema".roll_up(sweep boolean DEFAULT true) RETURNS integer
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
  PERFORM :"schema".roll_up_events(recent_from, state.frozen_before, sweep);
  UPDATE :"schema".maintenance_state SET
    -- What just ended may still be on its way from a buffer.
    live_from = date_trunc('hour', now() - interval '10 minutes', 'UTC'),
    swept_at = CASE WHEN sweep THEN now() ELSE swept_at END;
  RETURN cardinality(hours);
END
$$;

-- Makes partitions for days within `keep` that have events in the default partition: events that were filled in later, with
-- their own times. They are moved there. Returns how many partitions it made.
CREATE FUNCTION :"schema".ensure_event_days(keep interval) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  day date;
  made integer := 0;
BEGIN
  FOR day IN
    SELECT DISTINCT (e."timestamp" AT TIME ZONE 'UTC')::date FROM ONLY :"schema".events_default e
    WHERE e."timestamp" >= date_trunc('day', now() - keep, 'UTC') + interval '1 day' AND e."timestamp" < now() + interval '7 days'
  LOOP
    made := made + :"schema".ensure_partitions(day, day);
  END LOOP;
  RETURN made;
END
$$;

-- As before; makes days for events that were filled in later, and forgets counts of events with the other totals.
CREATE OR REPLACE PROCEDURE :"schema".run_maintenance(
  keep interval DEFAULT '30 days', keep_failed interval DEFAULT '90 days', lost_after interval DEFAULT '2 minutes',
  keep_metrics interval DEFAULT '400 days', INOUT report jsonb DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
  lock bigint := hashtextextended(:'schema' || '.run_maintenance', 0);
  today date := (now() AT TIME ZONE 'UTC')::date;
  started timestamptz := clock_timestamp();
  sweep boolean;
BEGIN
  report := '{}';
  IF NOT pg_try_advisory_xact_lock(lock) THEN
    report := '{"skipped": "another run is under way"}';
    RETURN;
  END IF;
  report := report || jsonb_build_object('partitions_made',
    :"schema".ensure_partitions(today - 1, today + 7) + :"schema".ensure_event_days(keep));
  COMMIT;

  -- The lock ended with the transaction. Should another run have come in between, it does the rest.
  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  report := report || (SELECT jsonb_build_object('lost', to_jsonb(l)) FROM :"schema".mark_lost(lost_after) l);
  COMMIT;

  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  report := report || (SELECT jsonb_build_object('orphans_removed', to_jsonb(o)) FROM :"schema".remove_orphans() o);
  COMMIT;

  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  sweep := (SELECT s.swept_at < now() - interval '1 hour' FROM :"schema".maintenance_state s);
  report := report || jsonb_build_object('hours_counted', :"schema".roll_up(sweep));
  DELETE FROM :"schema".metrics_hourly m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM :"schema".event_metrics_hourly m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM :"schema".job_metrics_hourly m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM :"schema".event_counts_hourly c WHERE c.hour_bucket < now() - keep_metrics;
  DELETE FROM :"schema".metrics_snapshots m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM :"schema".instances n WHERE coalesce(n.ended_at, n.heartbeat_at) < now() - greatest(keep, keep_failed);
  COMMIT;

  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  report := report || (SELECT jsonb_build_object('partitions_dropped', d.dropped, 'partitions_thinned', d.thinned)
    FROM :"schema".drop_expired_partitions(keep, keep_failed) d);
  report := report || (SELECT jsonb_build_object('default_partition_rows', jsonb_object_agg(d.table_name, d.row_count))
    FROM :"schema".default_partition_rows() d);
  report := report || jsonb_build_object('duration_ms', round(1000 * extract(epoch FROM clock_timestamp() - started)));
  UPDATE :"schema".maintenance_state SET last_run_at = clock_timestamp(), last_report = report;
END
$$;

CREATE VIEW :"schema".event_count_rows AS
SELECT NULL::timestamptz AS bucket, NULL::text AS event_type, NULL::text AS ns, NULL::text AS service_name, NULL::text AS outcome,
  NULL::text AS log_level, NULL::bigint AS total, NULL::bigint AS errors, NULL::double precision AS avg_duration_ms,
  NULL::double precision AS max_duration_ms, NULL::timestamptz AS last_at
WHERE false;

COMMENT ON VIEW :"schema".event_count_rows IS 'The rows of event_counts(): how many events have their values in common. Has no rows of its own.';
COMMENT ON COLUMN :"schema".event_count_rows.bucket IS 'When the step begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".event_count_rows.errors IS 'Of the events: the outcome is error, or the level is error or fatal.';

-- How many events there are in each `step` of [since, until), by the columns that `by` names (of event_type, ns,
-- service_name, outcome, log_level; the others are null), of one type or service or of all. Whole hours: the window is widened
-- to them. Past hours come from event_counts_hourly, the hours that maintenance has not counted yet from the events.
CREATE FUNCTION :"schema".event_counts(since timestamptz, until timestamptz DEFAULT 'infinity', step interval DEFAULT '1 hour',
  by_columns text[] DEFAULT '{event_type}', type text DEFAULT NULL, service text DEFAULT NULL)
RETURNS SETOF :"schema".event_count_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH state AS (SELECT s.live_from FROM :"schema".maintenance_state s),
  bounds AS (
    SELECT date_trunc('hour', since, 'UTC') AS first,
      CASE WHEN until = 'infinity' THEN until
        ELSE date_trunc('hour', until - interval '1 microsecond', 'UTC') + interval '1 hour' END AS last
  ),
  counted AS (
    SELECT c.hour_bucket, c.event_type, c.ns, c.service_name, c.outcome, c.log_level, c.total, c.durations, c.duration_sum_ms,
      c.duration_max_ms, c.last_at
    FROM :"schema".event_counts_hourly c
    WHERE c.hour_bucket >= (SELECT first FROM bounds) AND c.hour_bucket < (SELECT last FROM bounds)
      AND c.hour_bucket < (SELECT live_from FROM state)
      AND (type IS NULL OR c.event_type = type) AND (service IS NULL OR c.service_name = service)
    UNION ALL
    SELECT date_trunc('hour', e."timestamp", 'UTC'), e.event_type, e.ns, e.service_name, e.outcome, e.log_level, count(*),
      count(e.duration_ms), sum(e.duration_ms), max(e.duration_ms), max(e."timestamp")
    FROM :"schema".events e
    WHERE e."timestamp" >= (SELECT greatest(b.first, s.live_from) FROM bounds b, state s)
      AND e."timestamp" < (SELECT last FROM bounds)
      AND (type IS NULL OR e.event_type = type) AND (service IS NULL OR e.service_name = service)
    GROUP BY 1, 2, 3, 4, 5, 6
  )
  SELECT CASE WHEN step IS NULL THEN NULL ELSE date_bin(step, n.hour_bucket, '2000-01-01 00:00:00+00') END,
    CASE WHEN 'event_type' = ANY (by_columns) THEN n.event_type END, CASE WHEN 'ns' = ANY (by_columns) THEN n.ns END,
    CASE WHEN 'service_name' = ANY (by_columns) THEN n.service_name END,
    CASE WHEN 'outcome' = ANY (by_columns) THEN n.outcome END, CASE WHEN 'log_level' = ANY (by_columns) THEN n.log_level END,
    sum(n.total)::bigint,
    coalesce(sum(n.total) FILTER (WHERE n.outcome = 'error' OR n.log_level IN ('error', 'fatal')), 0)::bigint,
    sum(n.duration_sum_ms) / nullif(sum(n.durations), 0)::double precision, max(n.duration_max_ms), max(n.last_at)
  FROM counted n
  GROUP BY 1, 2, 3, 4, 5, 6
  ORDER BY 1, 2, 3, 4, 5, 6
$$;
