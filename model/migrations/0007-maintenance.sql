-- Retention, orphans, and one procedure that does everything that has to be done from time to time.

-- Drops the days that are older than `keep`, and returns how many partitions it dropped and how many it thinned out.
-- Failed invocations (failed, timed out, lost), with their events, jobs and the jobs' output, stay until they are older
-- than `keep_failed`: their day's partition is replaced by one that holds only them, so that queries need not know.
CREATE FUNCTION :"schema".drop_expired_partitions(
  keep interval DEFAULT '30 days', keep_failed interval DEFAULT '90 days', OUT dropped integer, OUT thinned integer)
LANGUAGE plpgsql
-- Dropping waits for queries that run, and new queries wait behind it: rather try again at the next run.
SET lock_timeout = '3s' AS $$
DECLARE
  parent text;
  part record;
  horizon timestamptz := now() - keep;
  failed_horizon timestamptz := now() - keep_failed;
  rolled_up boolean := false;
  kept_rows bigint;
  -- Which rows of a partition stay, for each table; every id of a day's work lies on that day or after it.
  kept_where jsonb := jsonb_build_object(
    'invocations', 't.status IN (''failed'', ''timeout'', ''lost'')',
    'event_executions', format('EXISTS (SELECT FROM %I.invocations i WHERE i.id = t.invocation_id
      AND i.status IN (''failed'', ''timeout'', ''lost''))', :'schema'),
    'job_executions', format('EXISTS (SELECT FROM %I.invocations i WHERE i.id = t.invocation_id
      AND i.status IN (''failed'', ''timeout'', ''lost''))', :'schema'),
    -- A job that ran over midnight wrote on the next day.
    'events', format('(t.trace_id, t.span_id) IN (SELECT j.trace_id, j.span_id FROM %1$I.job_executions j
      JOIN %1$I.invocations i ON i.id = j.invocation_id AND i.status IN (''failed'', ''timeout'', ''lost'')
      WHERE j.id >= %1$I.uuid_v7_at($1 - interval ''1 day'') AND j.id < %1$I.uuid_v7_at($1 + interval ''1 day''))', :'schema'));
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(:'schema' || '.retention', 0));
  dropped := 0;
  thinned := 0;
  -- The oldest day first, and in each day what others are looked up in first.
  FOR part IN
    SELECT p.relname AS parent, c.relname AS name, bounds.day, pg_get_expr(c.relpartbound, c.oid) AS bound,
      obj_description(c.oid, 'pg_class') LIKE 'Thinned out%' AS is_thin, bounds.day + interval '1 day' <= failed_horizon AS is_over
    FROM pg_inherits h
    JOIN pg_class c ON c.oid = h.inhrelid
    JOIN pg_class p ON p.oid = h.inhparent
    CROSS JOIN LATERAL (
      SELECT CASE WHEN c.relname ~ ('^' || p.relname || '_\d{8}$')
        THEN to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' END AS day) bounds
    WHERE p.relnamespace = format('%I', :'schema')::regnamespace
      AND p.relname IN ('invocations', 'event_executions', 'job_executions', 'events')
      AND bounds.day + interval '1 day' <= horizon
    ORDER BY bounds.day, array_position(ARRAY['invocations', 'event_executions', 'job_executions', 'events'], p.relname::text)
  LOOP
    CONTINUE WHEN part.is_thin AND NOT part.is_over;
    IF NOT rolled_up THEN
      PERFORM :"schema".roll_up();
      rolled_up := true;
    END IF;
    kept_rows := 0;
    IF NOT part.is_over AND NOT coalesce(part.is_thin, false) THEN
      EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING ALL)', :'schema', part.name || '_kept', part.parent);
      EXECUTE format('INSERT INTO %1$I.%2$I (%5$s) SELECT %5$s FROM %1$I.%3$I t WHERE %4$s',
        :'schema', part.name || '_kept', part.name, kept_where ->> part.parent,
        (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = to_regclass(format('%I.%I', :'schema', part.parent))
           AND attnum > 0 AND NOT attisdropped AND attgenerated = '')) USING part.day;
      GET DIAGNOSTICS kept_rows = ROW_COUNT;
      IF kept_rows = 0 THEN EXECUTE format('DROP TABLE %I.%I', :'schema', part.name || '_kept'); END IF;
    END IF;
    EXECUTE format('DROP TABLE %I.%I', :'schema', part.name);
    DELETE FROM :"schema".partition_state s WHERE s.name = part.name;
    IF kept_rows = 0 THEN
      dropped := dropped + 1;
    ELSE
      EXECUTE format('ALTER TABLE %1$I.%2$I RENAME TO %3$I', :'schema', part.name || '_kept', part.name);
      EXECUTE format('COMMENT ON TABLE %I.%I IS %L', :'schema', part.name, 'Thinned out: what failed on this day, and its events, jobs and output.');
      EXECUTE format('ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I %4$s', :'schema', part.parent, part.name, part.bound);
      thinned := thinned + 1;
    END IF;
    UPDATE :"schema".maintenance_state SET frozen_before = greatest(frozen_before, part.day + interval '1 day');
  END LOOP;

  -- Rows without a day of their own: few, so that they can be deleted.
  DELETE FROM ONLY :"schema".invocations_default i
  WHERE i.created_at < failed_horizon
     OR (i.created_at < horizon AND i.status NOT IN ('failed', 'timeout', 'lost'));
  DELETE FROM ONLY :"schema".event_executions_default e
  WHERE e.created_at < horizon AND NOT EXISTS (SELECT FROM :"schema".invocations i WHERE i.id = e.invocation_id);
  DELETE FROM ONLY :"schema".job_executions_default j
  WHERE j.created_at < horizon AND NOT EXISTS (SELECT FROM :"schema".invocations i WHERE i.id = j.invocation_id);
  DELETE FROM ONLY :"schema".events_default l WHERE l.timestamp < horizon;
END
$$;

-- Removes the events, jobs and job output whose invocation was deleted (DELETE FROM invocations …), and returns how many
-- rows. Without `everywhere` it looks only where Postgres counted deletions of invocations since the last time.
CREATE FUNCTION :"schema".remove_orphans(everywhere boolean DEFAULT false)
RETURNS TABLE (event_executions bigint, job_executions bigint, events bigint)
LANGUAGE plpgsql AS $$
DECLARE
  part record;
  day timestamptz;
  low uuid;
  high uuid;
  -- What is being written now has its invocation in the same transaction or before it.
  settled uuid := :"schema".uuid_v7_at(now() - interval '1 hour');
  removed_events bigint;
  removed_jobs bigint;
  removed_logs bigint;
BEGIN
  event_executions := 0;
  job_executions := 0;
  events := 0;
  PERFORM pg_advisory_xact_lock(hashtextextended(:'schema' || '.retention', 0));
  FOR part IN
    SELECT c.relname AS name, pg_stat_get_tuples_deleted(c.oid) AS deleted
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
    LEFT JOIN :"schema".partition_state s ON s.name = c.relname
    WHERE h.inhparent = to_regclass(format('%I.invocations', :'schema'))
      AND (everywhere OR pg_stat_get_tuples_deleted(c.oid) <> coalesce(s.rows_deleted, 0))
  LOOP
    IF part.name ~ '_\d{8}$' THEN
      -- The work of an invocation lies on its day or, over midnight, on the next.
      day := to_date(right(part.name, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC';
      low := :"schema".uuid_v7_at(day);
      high := least(settled, :"schema".uuid_v7_at(day + interval '2 days'));
    ELSE
      -- Ids that callers chose say nothing about their time.
      low := '00000000-0000-0000-0000-000000000000';
      high := settled;
    END IF;
    WITH gone AS (
      DELETE FROM :"schema".job_executions j
      WHERE j.id >= low AND j.id < high AND NOT EXISTS (SELECT FROM :"schema".invocations i WHERE i.id = j.invocation_id)
      RETURNING j.created_at, j.trace_id, j.span_id
    ), logs AS (
      DELETE FROM :"schema".events l USING gone
      WHERE l.trace_id = gone.trace_id AND l.span_id = gone.span_id
        AND l.event_type = 'log' AND l.timestamp >= gone.created_at - interval '1 day'
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM logs) INTO removed_jobs, removed_logs;
    DELETE FROM :"schema".event_executions e
    WHERE e.id >= low AND e.id < high AND NOT EXISTS (SELECT FROM :"schema".invocations i WHERE i.id = e.invocation_id);
    GET DIAGNOSTICS removed_events = ROW_COUNT;
    event_executions := event_executions + removed_events;
    job_executions := job_executions + removed_jobs;
    events := events + removed_logs;
    INSERT INTO :"schema".partition_state AS s (name, rows_deleted) VALUES (part.name, part.deleted)
    ON CONFLICT (name) DO UPDATE SET rows_deleted = excluded.rows_deleted;
  END LOOP;
  RETURN NEXT;
END
$$;

-- Rows that found no partition of their day. More than a few mean that partitions are not made ahead, that a clock is
-- wrong, or that callers choose ids that are not UUIDv7.
CREATE FUNCTION :"schema".default_partition_rows() RETURNS TABLE (table_name text, row_count bigint)
LANGUAGE sql STABLE AS $$
  SELECT 'invocations', count(*) FROM ONLY :"schema".invocations_default
  UNION ALL SELECT 'event_executions', count(*) FROM ONLY :"schema".event_executions_default
  UNION ALL SELECT 'job_executions', count(*) FROM ONLY :"schema".job_executions_default
  UNION ALL SELECT 'events', count(*) FROM ONLY :"schema".events_default
$$;

-- Everything, in the right order, each step in a transaction of its own. What it did is in `report`. When two run at once,
-- the second ends at once and its report says so. Must not be called inside a transaction.
CREATE PROCEDURE :"schema".run_maintenance(
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
