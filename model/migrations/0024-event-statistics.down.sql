DO $$
DECLARE
  name text;
BEGIN
  -- The events table and its partitions have no other statistics of this kind.
  FOR name IN
    SELECT s.stxname FROM pg_statistic_ext s
    WHERE s.stxrelid = format('%I.events', :'schema')::regclass
      OR s.stxrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = format('%I.events', :'schema')::regclass)
  LOOP
    EXECUTE format('DROP STATISTICS %I.%I', :'schema', name);
  END LOOP;
END
$$;
