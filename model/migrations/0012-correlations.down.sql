DROP FUNCTION :"schema".correlation_groups(timestamptz, timestamptz);
DROP VIEW :"schema".correlation_group_rows;
