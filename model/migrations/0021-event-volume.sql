-- How many events of each type, and from which services, come in; and the levels of logs from hourly counts where they can
-- answer. Windows are exact: whole hours that are counted already come from event_counts_hourly, the rest from the events.

CREATE VIEW :"schema".event_volume_rows AS
SELECT NULL::timestamptz AS bucket, NULL::text AS event_type, NULL::text AS service_name, NULL::text AS log_level, NULL::bigint AS events
WHERE false;

COMMENT ON VIEW :"schema".event_volume_rows IS 'The rows of event_volume(): how many events of one type came in one window, or in each step of it. Has no rows of its own.';
COMMENT ON COLUMN :"schema".event_volume_rows.bucket IS 'When the step begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".event_volume_rows.service_name IS 'Who sent them, when asked by service; null when all are taken together, or they name none.';
COMMENT ON COLUMN :"schema".event_volume_rows.log_level IS 'Of lines of logs, when asked by level.';

-- Events from `since` on and before `until` by type, per `step` and, where asked, by service and by level. A `step` of less
-- than an hour is counted from the events only.
CREATE FUNCTION :"schema".event_volume(since timestamptz, until timestamptz, step interval DEFAULT NULL,
  by_service boolean DEFAULT false, by_level boolean DEFAULT false, type text DEFAULT NULL)
RETURNS SETOF :"schema".event_volume_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH counted AS MATERIALIZED (
    SELECT date_trunc('hour', since + interval '1 hour' - interval '1 microsecond', 'UTC') AS low,
      least(date_trunc('hour', until, 'UTC'), s.live_from) AS high,
      step IS NULL OR mod(extract(epoch FROM step), 3600) = 0 AS whole_hours
    FROM :"schema".maintenance_state s
  ),
  -- [low, high) is read from counts, the rest of [since, until) from the events.
  bounds AS MATERIALIZED (
    SELECT CASE WHEN whole_hours AND low < high THEN low ELSE until END AS low,
      CASE WHEN whole_hours AND low < high THEN high ELSE until END AS high
    FROM counted
  ),
  parts (at, event_type, service_name, log_level, n) AS (
    SELECT c.hour_bucket, c.event_type, c.service_name, c.log_level, c.total
    FROM bounds b, :"schema".event_counts_hourly c
    WHERE c.hour_bucket >= b.low AND c.hour_bucket < b.high AND (type IS NULL OR c.event_type = type)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), e.timestamp, '2000-01-01 00:00:00+00'), e.event_type, e.service_name, e.log_level, count(*)
    FROM :"schema".events e
    WHERE (e.timestamp >= since AND e.timestamp < (SELECT low FROM bounds)
        OR e.timestamp >= (SELECT high FROM bounds) AND e.timestamp < until)
      AND e.timestamp >= since AND e.timestamp < until AND (type IS NULL OR e.event_type = type)
    GROUP BY 1, 2, 3, 4
  )
  SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END, p.event_type,
    CASE WHEN by_service THEN p.service_name END, CASE WHEN by_level THEN p.log_level END, sum(p.n)::bigint
  FROM parts p
  GROUP BY 1, 2, 3, 4
  ORDER BY 1, 5 DESC, 2, 3, 4
$$;

-- How many lines of each level began in each `step` of the window. Levels that `filters` chooses are not left out, so that
-- one sees what else could be chosen. Without another filter hourly counts answer, else the lines do.
CREATE OR REPLACE FUNCTION :"schema".log_levels(since timestamptz, until timestamptz, step interval, filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".log_count_rows LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  IF filters - 'level' = '{}' THEN
    RETURN QUERY
      SELECT v.bucket, 'level', coalesce(lower(v.log_level), 'none'), sum(v.events)::bigint
      FROM :"schema".event_volume(since, until, step, false, true, 'log') v GROUP BY 1, 3 ORDER BY 1, 3;
  ELSE
    RETURN QUERY
      SELECT date_bin(step, l.timestamp, '2000-01-01 00:00:00+00'), 'level', coalesce(lower(l.log_level), 'none'), count(*)
      FROM :"schema".search_logs(since, until, filters - 'level') l GROUP BY 1, 3 ORDER BY 1, 3;
  END IF;
END
$$;
