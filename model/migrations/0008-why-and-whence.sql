-- Why an event did not fire, and where an invocation's correlation came from.

ALTER TABLE :"schema".invocations
  ADD COLUMN correlation_detail text,
  ADD COLUMN previous_job_id uuid,
  ADD COLUMN changed_columns jsonb;

COMMENT ON COLUMN :"schema".invocations.correlation_source IS 'Where correlation_id came from: updated_by, updated_by_unchanged (a token this change did not write), session, metadata, custom, trace_context, host_plugin, caller or generated.';
COMMENT ON COLUMN :"schema".invocations.correlation_detail IS 'Where exactly correlation_id was found, or why none was.';
COMMENT ON COLUMN :"schema".invocations.previous_job_id IS 'The job in a token that this change did not write: it wrote the row before, and nobody knows whether this time, too.';
COMMENT ON COLUMN :"schema".invocations.changed_columns IS 'The columns that an update changed.';

ALTER TABLE :"schema".event_executions
  ADD COLUMN not_detected_reason text,
  ADD COLUMN detection_facts jsonb,
  ADD COLUMN columns_read jsonb;

COMMENT ON COLUMN :"schema".event_executions.not_detected_reason IS 'Why the detector said no, in its own words: notDetected(reason, facts).';
COMMENT ON COLUMN :"schema".event_executions.detection_facts IS 'The facts given with the reason.';
COMMENT ON COLUMN :"schema".event_executions.columns_read IS 'What the detector read of the payload (new.status, op, …); null unless the plugin records reads.';

-- How the invocations of the last `since` found their chain: from where, or why not, how many, and their share in percent.
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
