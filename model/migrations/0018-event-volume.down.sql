DROP FUNCTION :"schema".event_volume(timestamptz, timestamptz, interval, boolean, integer);
DROP VIEW :"schema".event_volume_rows;
