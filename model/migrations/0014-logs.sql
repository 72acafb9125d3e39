-- Lines of logs: which of them meet a filter, and how many there are of each level over time.

-- The lines of [since, until) that meet all parts of `filters`, an object of lists:
--   level, service, job (the job or logger that wrote the line), trace, correlation: one of these, as it stands
--   like: { level, service, job, text }: patterns of LIKE; one of them must hold, of text (capitals or not) every one
--   unlike: the same, of which none may hold
-- A line without a level has the level `none`. One SELECT, so that Postgres plans it together with what asks it.
CREATE FUNCTION :"schema".search_logs(since timestamptz, until timestamptz, filters jsonb DEFAULT '{}')
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

CREATE VIEW :"schema".log_count_rows AS
SELECT NULL::timestamptz AS bucket, NULL::text AS facet, NULL::text AS value, NULL::bigint AS lines WHERE false;

COMMENT ON VIEW :"schema".log_count_rows IS 'The rows of log_levels() and log_sources(): how many lines have one value. Has no rows of its own.';
COMMENT ON COLUMN :"schema".log_count_rows.bucket IS 'When the step begins; null when the whole window is one.';
COMMENT ON COLUMN :"schema".log_count_rows.facet IS 'level, service or job.';

-- How many lines of each level began in each `step` of the window. Levels that `filters` chooses are not left out, so that
-- one sees what else could be chosen.
CREATE FUNCTION :"schema".log_levels(since timestamptz, until timestamptz, step interval, filters jsonb DEFAULT '{}')
RETURNS SETOF :"schema".log_count_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT date_bin(step, l.timestamp, '2000-01-01 00:00:00+00'), 'level', coalesce(lower(l.log_level), 'none'), count(*)
  FROM :"schema".search_logs(since, until, filters - 'level') l
  GROUP BY 1, 3
  ORDER BY 1, 3
$$;

-- How many lines each service and each job or logger wrote; each facet narrowed by the others and not by itself.
CREATE FUNCTION :"schema".log_sources(since timestamptz, until timestamptz, filters jsonb DEFAULT '{}')
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
