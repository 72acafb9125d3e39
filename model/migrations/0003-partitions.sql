-- Daily partitions, made ahead of time.

-- Creates the partitions that are missing for the given days and returns how many it made.
-- Rows that already sit in the default partition for such a day are moved into the new one.
-- Safe to call at any time and from several processes: the lock is held to the end of the transaction.
CREATE FUNCTION :"schema".ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  key_column text;
  day date;
  name text;
  low text;
  high text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(:'schema' || '.ensure_partitions', 0));
  FOREACH parent IN ARRAY ARRAY['invocations', 'event_executions', 'job_executions', 'events'] LOOP
    key_column := CASE parent WHEN 'events' THEN 'timestamp' ELSE 'id' END;
    FOR day IN SELECT d::date FROM generate_series(first_day, last_day, interval '1 day') d LOOP
      name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      CONTINUE WHEN to_regclass(format('%I.%I', :'schema', name)) IS NOT NULL;
      IF parent = 'events' THEN
        low := (day::timestamp AT TIME ZONE 'UTC')::text;
        high := ((day + 1)::timestamp AT TIME ZONE 'UTC')::text;
      ELSE
        low := :"schema".uuid_v7_at(day::timestamp AT TIME ZONE 'UTC')::text;
        high := :"schema".uuid_v7_at((day + 1)::timestamp AT TIME ZONE 'UTC')::text;
      END IF;
      EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING ALL)', :'schema', name, :'schema', parent);
      EXECUTE format(
        'WITH moved AS (DELETE FROM ONLY %1$I.%2$I WHERE %3$I >= %4$L AND %3$I < %5$L RETURNING *) '
        'INSERT INTO %1$I.%6$I (%7$s) SELECT %7$s FROM moved',
        :'schema', parent || '_default', key_column, low, high, name,
        (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = format('%I.%I', :'schema', parent)::regclass
           AND attnum > 0 AND NOT attisdropped AND attgenerated = ''));
      EXECUTE format('ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I FOR VALUES FROM (%4$L) TO (%5$L)',
        :'schema', parent, name, low, high);
      made := made + 1;
    END LOOP;
  END LOOP;
  RETURN made;
END
$$;

SELECT :"schema".ensure_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
