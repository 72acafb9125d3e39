DROP FUNCTION :"schema".event_counts(timestamptz, timestamptz, interval, text[], text, text);
DROP VIEW :"schema".event_count_rows;
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
  report := report || jsonb_build_object('partitions_made', :"schema".ensure_partitions(today - 1, today + 7));
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
  UPDATE :"schema".maintenance_state SET
    -- What just ended may still be on its way from a buffer.
    live_from = date_trunc('hour', now() - interval '10 minutes', 'UTC'),
    swept_at = CASE WHEN sweep THEN now() ELSE swept_at END;
  RETURN cardinality(hours);
END
$$;
DROP FUNCTION :"schema".ensure_event_days(interval);
DROP FUNCTION :"schema".roll_up_events(timestamptz, timestamptz, boolean);
DROP FUNCTION :"schema".count_events_hour(timestamptz);
CREATE OR REPLACE FUNCTION :"schema".changed_hours() RETURNS SETOF timestamptz
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
DROP FUNCTION :"schema".changed_hours(text[], text);
DELETE FROM :"schema".partition_state WHERE name ~ '^events_';
DROP TABLE :"schema".event_counts_hourly;
DROP INDEX :"schema".events_errors;
DROP INDEX :"schema".events_service_name;
DROP INDEX :"schema".events_event_type;
DROP INDEX :"schema".events_actor_id;
DROP INDEX :"schema".events_session_id;
DROP INDEX :"schema".events_correlation_id;
