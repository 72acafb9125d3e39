ALTER FUNCTION :"schema".log_levels(timestamptz, timestamptz, interval, jsonb) RESET ALL;
CREATE OR REPLACE FUNCTION :"schema".log_sources(since timestamptz, until timestamptz, filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".log_count_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
  SELECT NULL::timestamptz, f.facet, f.value, f.n::bigint FROM facets f ORDER BY f.facet, f.n DESC, f.value
$$;
CREATE OR REPLACE FUNCTION :"schema".search_logs(since timestamptz, until timestamptz, filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".events LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT l.* FROM :"schema".events l
  WHERE l.event_type = 'log' AND l.timestamp >= since AND l.timestamp < until
    AND (filters -> 'level' IS NULL OR coalesce(lower(l.log_level), 'none') = ANY (ARRAY(SELECT jsonb_array_elements_text(filters -> 'level'))))
    AND (filters -> 'service' IS NULL OR l.service_name = ANY (ARRAY(SELECT jsonb_array_elements_text(filters -> 'service'))))
    AND (filters -> 'job' IS NULL OR l.log_logger = ANY (ARRAY(SELECT jsonb_array_elements_text(filters -> 'job'))))
    AND (filters -> 'trace' IS NULL OR l.trace_id = ANY (ARRAY(SELECT jsonb_array_elements_text(filters -> 'trace'))))
    AND (filters -> 'correlation' IS NULL OR l.correlation_id = ANY (ARRAY(SELECT jsonb_array_elements_text(filters -> 'correlation'))))
    AND (filters #> '{like,level}' IS NULL OR coalesce(lower(l.log_level), 'none') LIKE ANY (ARRAY(SELECT jsonb_array_elements_text(filters #> '{like,level}'))))
    AND (filters #> '{like,service}' IS NULL OR l.service_name LIKE ANY (ARRAY(SELECT jsonb_array_elements_text(filters #> '{like,service}'))))
    AND (filters #> '{like,job}' IS NULL OR l.log_logger LIKE ANY (ARRAY(SELECT jsonb_array_elements_text(filters #> '{like,job}'))))
    AND (filters #> '{like,text}' IS NULL OR l.log_message ILIKE ALL (ARRAY(SELECT jsonb_array_elements_text(filters #> '{like,text}'))))
    AND (filters #> '{unlike,level}' IS NULL OR coalesce(lower(l.log_level), 'none') NOT LIKE ALL (ARRAY(SELECT jsonb_array_elements_text(filters #> '{unlike,level}'))))
    AND (filters #> '{unlike,service}' IS NULL OR coalesce(l.service_name, '') NOT LIKE ALL (ARRAY(SELECT jsonb_array_elements_text(filters #> '{unlike,service}'))))
    AND (filters #> '{unlike,job}' IS NULL OR coalesce(l.log_logger, '') NOT LIKE ALL (ARRAY(SELECT jsonb_array_elements_text(filters #> '{unlike,job}'))))
    AND (filters #> '{unlike,text}' IS NULL OR coalesce(l.log_message, '') NOT ILIKE ALL (ARRAY(SELECT jsonb_array_elements_text(filters #> '{unlike,text}'))))
$$;
DROP FUNCTION :"schema".text_list(jsonb);
DROP INDEX :"schema".events_logs;
