DROP FUNCTION :"schema".correlation_coverage(interval);
DROP VIEW :"schema".correlation_coverage_rows;
DROP FUNCTION :"schema".invocation_facets(timestamptz, timestamptz, jsonb);
DROP VIEW :"schema".facet_counts;
DROP FUNCTION :"schema".job_errors(interval, text);
DROP VIEW :"schema".job_error_groups;
DROP FUNCTION :"schema".error_pattern(text);
DROP FUNCTION :"schema".module_statistics(interval);
DROP VIEW :"schema".module_statistics_rows;
DROP FUNCTION :"schema".performance(text, timestamptz, timestamptz, interval, text, boolean);
DROP VIEW :"schema".performance_points;
DROP FUNCTION :"schema".chain_waterfall(uuid, integer);
DROP FUNCTION :"schema".trace_waterfall(text);
DROP VIEW :"schema".spans;
DROP FUNCTION :"schema".search_invocations(text);
DROP FUNCTION :"schema".whole_chain(uuid, integer);
DROP FUNCTION :"schema".invocation_ancestors(uuid, integer);
DROP FUNCTION :"schema".invocation_chain(uuid, integer);

-- The whole chain below one invocation: invocation -> job -> the invocations its writes fired, and so on.
-- UNION (not UNION ALL) ends the walk where a loop closes. The body is text, not BEGIN ATOMIC, so that `i.*` includes the
-- columns that later migrations add.
CREATE FUNCTION :"schema".invocation_chain(root_id uuid) RETURNS SETOF :"schema".invocations
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE chain (id) AS (
    SELECT i.id FROM :"schema".invocations i WHERE i.id = root_id
    UNION
    SELECT child.id
    FROM chain
    JOIN :"schema".job_executions j ON j.invocation_id = chain.id
    JOIN :"schema".invocations child ON child.source_job_id = j.id
  )
  SELECT i.* FROM :"schema".invocations i JOIN chain ON chain.id = i.id
$$;

-- What led to an invocation: itself, the invocation whose job caused it, and so on up to the root.
CREATE FUNCTION :"schema".invocation_ancestors(invocation_id uuid) RETURNS SETOF :"schema".invocations
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE ancestors (id, source_job_id) AS (
    SELECT i.id, i.source_job_id FROM :"schema".invocations i WHERE i.id = invocation_ancestors.invocation_id
    UNION
    SELECT parent.id, parent.source_job_id
    FROM ancestors
    JOIN :"schema".job_executions j ON j.id = ancestors.source_job_id
    JOIN :"schema".invocations parent ON parent.id = j.invocation_id
  )
  SELECT i.* FROM :"schema".invocations i JOIN ancestors ON ancestors.id = i.id
$$;

CREATE FUNCTION :"schema".correlation_coverage(since interval DEFAULT '24 hours')
RETURNS TABLE (correlation_source text, correlation_detail text, inherited boolean, invocations bigint, percent numeric)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT
    i.correlation_source,
    i.correlation_detail,
    i.correlation_source <> 'generated',
    count(*),
    round(100.0 * count(*) / sum(count(*)) OVER (), 2)
  FROM :"schema".invocations i
  WHERE i.created_at > now() - since
  GROUP BY 1, 2, 3
  ORDER BY 4 DESC, 1, 2
$$;

DROP INDEX :"schema".events_trace_id;
DROP INDEX :"schema".job_executions_failed;
DROP INDEX :"schema".invocations_created_at;
CREATE INDEX invocations_created_at ON :"schema".invocations (created_at DESC);
DROP INDEX :"schema".invocations_total_duration_ms;
DROP INDEX :"schema".invocations_failed;
DROP INDEX :"schema".invocations_source_event_payload;
DROP INDEX :"schema".invocations_trace_id;
DROP INDEX :"schema".invocations_source_user_email;
DROP INDEX :"schema".invocations_source_event_id;
DROP INDEX :"schema".invocations_source_record_id;
