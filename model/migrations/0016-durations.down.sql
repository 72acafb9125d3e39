DROP FUNCTION :"schema".durations(text, timestamptz, timestamptz, interval, boolean, text);
DROP VIEW :"schema".duration_rows;
