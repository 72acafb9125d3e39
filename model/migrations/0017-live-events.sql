-- Questions about what is happening now: the events of the hot window, by their own time.

-- The events of the last `seconds`, at most those of the hot window: 300. One SELECT, so that Postgres plans it together with
-- what asks it, and reads today's partition only.
CREATE FUNCTION :"schema".live_events(seconds integer DEFAULT 300)
RETURNS SETOF :"schema".events LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT e.* FROM :"schema".events e
  WHERE e."timestamp" > now() - make_interval(secs => least(seconds, 300)) AND e."timestamp" <= now()
$$;

CREATE VIEW :"schema".live_event_rates_rows AS
SELECT NULL::text AS event_type, NULL::text AS ns, NULL::text AS service_name, NULL::bigint AS events, NULL::bigint AS errors,
  NULL::double precision AS events_per_second, NULL::double precision AS avg_duration_ms,
  NULL::double precision AS p95_duration_ms, NULL::timestamptz AS last_at
WHERE false;

COMMENT ON VIEW :"schema".live_event_rates_rows IS 'The rows of live_event_rates(): what comes from whom. Has no rows of its own.';
COMMENT ON COLUMN :"schema".live_event_rates_rows.errors IS 'Of the events: the outcome is an error, or the level is error or fatal.';

-- How much of each type each service sent in the last `seconds`, at most 300.
CREATE FUNCTION :"schema".live_event_rates(seconds integer DEFAULT 300)
RETURNS SETOF :"schema".live_event_rates_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT e.event_type, e.ns, e.service_name, count(*),
    count(*) FILTER (WHERE e.outcome = 'error' OR e.log_level IN ('error', 'fatal')),
    count(*)::double precision / greatest(1, least(seconds, 300)),
    avg(e.duration_ms)::double precision,
    (percentile_cont(0.95) WITHIN GROUP (ORDER BY e.duration_ms))::double precision,
    max(e."timestamp")
  FROM :"schema".events e
  WHERE e."timestamp" > now() - make_interval(secs => least(seconds, 300)) AND e."timestamp" <= now()
  GROUP BY e.event_type, e.ns, e.service_name
  ORDER BY count(*) DESC, e.event_type, e.ns, e.service_name
$$;
