DROP FUNCTION :"schema".log_sources(timestamptz, timestamptz, jsonb);
DROP FUNCTION :"schema".log_levels(timestamptz, timestamptz, interval, jsonb);
DROP VIEW :"schema".log_count_rows;
DROP FUNCTION :"schema".search_logs(timestamptz, timestamptz, jsonb);
