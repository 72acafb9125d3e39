-- How many events of each type, and from which services, come in.

CREATE VIEW :"schema".event_volume_rows AS
SELECT NULL::timestamptz AS bucket, NULL::text AS event_type, NULL::text AS service_name, NULL::bigint AS events WHERE false;

COMMENT ON VIEW :"schema".event_volume_rows IS 'The rows of event_volume(): how many events of one type came in one window, or in each step of it. Has no rows of its own.';
COMMENT ON COLUMN :"schema".event_volume_rows.bucket IS 'When the step begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".event_volume_rows.service_name IS 'Who sent them, when asked by service; null when all are taken together, or they name none.';

-- Events of a window by type, per `step` and, where asked, by service. Looks at the newest `max_events` of the window: when
-- as many are counted, there may be more.
CREATE FUNCTION :"schema".event_volume(since timestamptz, until timestamptz, step interval DEFAULT NULL, by_service boolean DEFAULT false,
  max_events integer DEFAULT 1000000)
RETURNS SETOF :"schema".event_volume_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, e.timestamp, '2000-01-01 00:00:00+00') END, e.event_type,
    CASE WHEN by_service THEN e.service_name END, count(*)
  FROM (
    SELECT n.timestamp, n.event_type, n.service_name FROM :"schema".events n
    WHERE n.timestamp >= since AND n.timestamp < until
    ORDER BY n.timestamp DESC LIMIT max_events
  ) e
  GROUP BY 1, 2, 3
  ORDER BY 1, 4 DESC, 2, 3
$$;
