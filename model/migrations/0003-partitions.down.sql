DROP FUNCTION :"schema".ensure_partitions(date, date);
