-- What ran under one correlation id, for lists of them.

CREATE VIEW :"schema".correlation_group_rows AS
SELECT NULL::uuid AS correlation_id, NULL::bigint AS invocations, NULL::bigint AS roots, NULL::bigint AS failed,
  NULL::bigint AS jobs_failed, NULL::timestamptz AS first_at, NULL::timestamptz AS last_at, NULL::uuid AS first_invocation_id,
  NULL::text AS source_function, NULL::text AS source_table, NULL::text AS source_operation, NULL::text AS source_record_id
WHERE false;

COMMENT ON VIEW :"schema".correlation_group_rows IS 'The rows of correlation_groups(): what ran under one correlation id. Has no rows of its own.';
COMMENT ON COLUMN :"schema".correlation_group_rows.roots IS 'Invocations of the window that no job caused: as many chains.';
COMMENT ON COLUMN :"schema".correlation_group_rows.failed IS 'Failed, timed out or lost.';
COMMENT ON COLUMN :"schema".correlation_group_rows.source_table IS 'Of its first invocation in the window, as the other columns of that kind.';

-- The correlation ids of a window, the last active first. Looks at the newest 100,000 invocations of the window.
CREATE FUNCTION :"schema".correlation_groups(since timestamptz, until timestamptz)
RETURNS SETOF :"schema".correlation_group_rows LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT g.correlation_id, g.invocations, g.roots, g.failed, g.jobs_failed, g.first_at, g.last_at, f.id, f.source_function,
    f.source_table, f.source_operation, f.source_record_id
  FROM (
    SELECT i.correlation_id, count(*) AS invocations, count(*) FILTER (WHERE i.source_job_id IS NULL) AS roots,
      count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')) AS failed, sum(i.total_jobs_failed) AS jobs_failed,
      min(i.created_at) AS first_at, max(i.created_at) AS last_at,
      (array_agg(i.id ORDER BY i.created_at, i.id))[1] AS first_id
    FROM (
      SELECT w.* FROM :"schema".invocations w WHERE w.created_at >= since AND w.created_at < until
      ORDER BY w.created_at DESC LIMIT 100000
    ) i
    GROUP BY i.correlation_id
    ORDER BY max(i.created_at) DESC
    LIMIT 1000
  ) g JOIN :"schema".invocations f ON f.id = g.first_id
  ORDER BY g.last_at DESC
$$;
