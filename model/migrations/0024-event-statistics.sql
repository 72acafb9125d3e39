-- Type, service, level and outcome of events depend on each other: a service that only writes logs has no spans, and each kind has
-- its own share of errors. Taking them as independent, Postgres expected a hundred rows where there were 25,000, and read and
-- sorted them all for the newest hundred. New partitions have the same statistics, as they are made LIKE the parent.
CREATE STATISTICS :"schema".events_kinds (mcv) ON event_type, service_name, log_level, outcome FROM :"schema".events;

DO $$
DECLARE
  part regclass;
  name text;
BEGIN
  FOR part, name IN
    SELECT c.oid::regclass, c.relname || '_kinds' FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = format('%I.events', :'schema')::regclass
  LOOP
    EXECUTE format('CREATE STATISTICS %I.%I (mcv) ON event_type, service_name, log_level, outcome FROM %s', :'schema', name, part);
  END LOOP;
END
$$;

ANALYZE :"schema".events;
