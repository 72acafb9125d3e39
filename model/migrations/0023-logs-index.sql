-- Lines of logs among millions: an index that answers everything but searches of the text, and functions that Postgres plans with
-- the values they are asked with.

-- The questions of the logs page: what a job or a service wrote, at which levels, how many lines of each. Jobs and services that
-- wrote few lines are looked for in the index alone; counts need nothing else (INCLUDE has the level as it was written).
CREATE INDEX events_logs ON :"schema".events ("timestamp", (coalesce(lower(log_level), 'none')), log_logger, service_name)
  INCLUDE (log_level) WHERE event_type = 'log';

-- A list of texts in JSON, as an array. Immutable, so that Postgres knows the values when it plans.
CREATE FUNCTION :"schema".text_list(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ARRAY(SELECT jsonb_array_elements_text(list))
$$;

-- The same as before (0014), but the values of the filter are constants of the plan.
CREATE OR REPLACE FUNCTION :"schema".search_logs(since timestamptz, until timestamptz, filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".events LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT l.* FROM :"schema".events l
  WHERE l.event_type = 'log' AND l.timestamp >= since AND l.timestamp < until
    AND (filters -> 'level' IS NULL OR coalesce(lower(l.log_level), 'none') = ANY (:"schema".text_list(filters -> 'level')))
    AND (filters -> 'service' IS NULL OR l.service_name = ANY (:"schema".text_list(filters -> 'service')))
    AND (filters -> 'job' IS NULL OR l.log_logger = ANY (:"schema".text_list(filters -> 'job')))
    AND (filters -> 'trace' IS NULL OR l.trace_id = ANY (:"schema".text_list(filters -> 'trace')))
    AND (filters -> 'correlation' IS NULL OR l.correlation_id = ANY (:"schema".text_list(filters -> 'correlation')))
    AND (filters #> '{like,level}' IS NULL OR coalesce(lower(l.log_level), 'none') LIKE ANY (:"schema".text_list(filters #> '{like,level}')))
    AND (filters #> '{like,service}' IS NULL OR l.service_name LIKE ANY (:"schema".text_list(filters #> '{like,service}')))
    AND (filters #> '{like,job}' IS NULL OR l.log_logger LIKE ANY (:"schema".text_list(filters #> '{like,job}')))
    AND (filters #> '{like,text}' IS NULL OR l.log_message ILIKE ALL (:"schema".text_list(filters #> '{like,text}')))
    AND (filters #> '{unlike,level}' IS NULL OR coalesce(lower(l.log_level), 'none') NOT LIKE ALL (:"schema".text_list(filters #> '{unlike,level}')))
    AND (filters #> '{unlike,service}' IS NULL OR coalesce(l.service_name, '') NOT LIKE ALL (:"schema".text_list(filters #> '{unlike,service}')))
    AND (filters #> '{unlike,job}' IS NULL OR coalesce(l.log_logger, '') NOT LIKE ALL (:"schema".text_list(filters #> '{unlike,job}')))
    AND (filters #> '{unlike,text}' IS NULL OR coalesce(l.log_message, '') NOT ILIKE ALL (:"schema".text_list(filters #> '{unlike,text}')))
$$;

-- After five calls Postgres may prefer a plan that fits any filter, in which every line is compared with every part a filter can
-- have: that took four times as long.
ALTER FUNCTION :"schema".log_levels(timestamptz, timestamptz, interval, jsonb) SET plan_cache_mode = 'force_custom_plan';
-- Half a day in steps of some minutes is sorted in memory.
ALTER FUNCTION :"schema".log_levels(timestamptz, timestamptz, interval, jsonb) SET work_mem = '32MB';

CREATE OR REPLACE FUNCTION :"schema".log_sources(since timestamptz, until timestamptz, filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".log_count_rows LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = 'force_custom_plan' AS $$
BEGIN
  RETURN QUERY
    WITH pairs AS MATERIALIZED (
      SELECT l.service_name AS service, l.log_logger AS job, count(*) AS n
      FROM :"schema".search_logs(since, until, filters - 'service' - 'job') l
      GROUP BY 1, 2
    ),
    facets AS (
      SELECT 'service' AS facet, p.service AS value, sum(p.n) AS n FROM pairs p
      WHERE p.service IS NOT NULL AND (filters -> 'job' IS NULL OR filters -> 'job' ? p.job) GROUP BY 2
      UNION ALL
      SELECT 'job', p.job, sum(p.n) FROM pairs p
      WHERE p.job IS NOT NULL AND (filters -> 'service' IS NULL OR filters -> 'service' ? p.service) GROUP BY 2
    )
    SELECT NULL::timestamptz, f.facet, f.value, f.n::bigint FROM facets f ORDER BY f.facet, f.n DESC, f.value;
END
$$;
