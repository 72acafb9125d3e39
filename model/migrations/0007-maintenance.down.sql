DROP PROCEDURE :"schema".run_maintenance(interval, interval, interval, interval, jsonb);
DROP FUNCTION :"schema".default_partition_rows();
DROP FUNCTION :"schema".remove_orphans(boolean);
DROP FUNCTION :"schema".drop_expired_partitions(interval, interval);
