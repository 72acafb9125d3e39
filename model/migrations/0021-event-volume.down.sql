CREATE OR REPLACE FUNCTION :"schema".log_levels(since timestamptz, until timestamptz, step interval, filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".log_count_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT date_bin(step, l.timestamp, '2000-01-01 00:00:00+00'), 'level', coalesce(lower(l.log_level), 'none'), count(*)
  FROM :"schema".search_logs(since, until, filters - 'level') l
  GROUP BY 1, 3
  ORDER BY 1, 3
$$;
DROP FUNCTION :"schema".event_volume(timestamptz, timestamptz, interval, boolean, boolean, text);
DROP VIEW :"schema".event_volume_rows;
