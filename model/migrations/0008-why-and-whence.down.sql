DROP FUNCTION :"schema".correlation_coverage(interval);

ALTER TABLE :"schema".event_executions
  DROP COLUMN columns_read,
  DROP COLUMN detection_facts,
  DROP COLUMN not_detected_reason;

ALTER TABLE :"schema".invocations
  DROP COLUMN changed_columns,
  DROP COLUMN previous_job_id,
  DROP COLUMN correlation_detail;

COMMENT ON COLUMN :"schema".invocations.correlation_source IS 'Where correlation_id came from: updated_by, session, trace_context, caller or generated.';
