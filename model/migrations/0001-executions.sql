-- Invocations, event detections and job runs: what the plugin records.
--
-- Every id is a UUIDv7, so a range of ids is a range of time: the tables are partitioned by id, `id` alone is the
-- primary key, and dropping a day is DROP TABLE. There are no foreign keys and no triggers: both cost on every insert.
-- `:"schema"` is psql's notation for a quoted variable: psql -v schema=event_detector_observability -f this-file

CREATE SCHEMA IF NOT EXISTS :"schema";

CREATE TABLE :"schema".invocations (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  correlation_id uuid NOT NULL,
  correlation_source text NOT NULL DEFAULT 'generated',
  trace_id text,
  span_id text,
  parent_span_id text,
  source_function text NOT NULL,
  source_table text,
  source_operation text,
  source_system text DEFAULT 'hasura',
  source_record_id text,
  source_job_id uuid,
  source_event_id uuid,
  source_event_payload jsonb,
  source_event_time timestamptz,
  source_user_email text,
  source_user_role text,
  total_duration_ms integer,
  events_detected_count integer NOT NULL DEFAULT 0,
  total_jobs_run integer NOT NULL DEFAULT 0,
  total_jobs_succeeded integer NOT NULL DEFAULT 0,
  total_jobs_failed integer NOT NULL DEFAULT 0,
  auto_load_modules boolean DEFAULT true,
  event_modules_directory text,
  status text NOT NULL DEFAULT 'running'
    CHECK (status IN ('running', 'completed', 'failed', 'timeout', 'lost')),
  error_message text,
  error_stack text,
  context_data jsonb,
  success_rate numeric GENERATED ALWAYS AS (
    CASE WHEN total_jobs_run > 0 THEN round(100.0 * total_jobs_succeeded / total_jobs_run, 2) ELSE 100 END
  ) STORED
) PARTITION BY RANGE (id);

COMMENT ON TABLE :"schema".invocations IS 'One call of listenTo(): one row change delivered to one function.';
COMMENT ON COLUMN :"schema".invocations.created_at IS 'When the invocation started, to the microsecond.';
COMMENT ON COLUMN :"schema".invocations.ended_at IS 'When it ended, to the microsecond; null while it runs.';
COMMENT ON COLUMN :"schema".invocations.correlation_id IS 'Shared by everything one user action set off; inherited from the changed row or made here.';
COMMENT ON COLUMN :"schema".invocations.correlation_source IS 'Where correlation_id came from: updated_by, session, trace_context, caller or generated.';
COMMENT ON COLUMN :"schema".invocations.source_record_id IS 'The id of the changed row, when its payload has one.';
COMMENT ON COLUMN :"schema".invocations.source_job_id IS 'The job whose write fired this invocation; null for the root of a chain.';

-- TraceCorrelationId: all rows of one correlation id.
CREATE INDEX invocations_correlation_id ON :"schema".invocations (correlation_id);
-- invocation_chain(): the invocations that a job caused.
CREATE INDEX invocations_source_job_id ON :"schema".invocations (source_job_id) WHERE source_job_id IS NOT NULL;
-- RecentInvocations: newest first.
CREATE INDEX invocations_created_at ON :"schema".invocations (created_at DESC);

CREATE TABLE :"schema".event_executions (
  id uuid PRIMARY KEY,
  invocation_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  detection_ended_at timestamptz,
  ended_at timestamptz,
  correlation_id uuid NOT NULL,
  trace_id text,
  span_id text,
  parent_span_id text,
  event_name text NOT NULL,
  event_module_path text,
  detected boolean NOT NULL DEFAULT false,
  detection_duration_ms integer,
  detection_error text,
  detection_error_stack text,
  handler_duration_ms integer,
  handler_error text,
  handler_error_stack text,
  jobs_count integer NOT NULL DEFAULT 0,
  jobs_succeeded integer NOT NULL DEFAULT 0,
  jobs_failed integer NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'detecting'
    CHECK (status IN ('detecting', 'not_detected', 'handling', 'completed', 'failed',
                      'detection_failed', 'handler_failed', 'lost')),
  job_success_rate numeric GENERATED ALWAYS AS (
    CASE WHEN jobs_count > 0 THEN round(100.0 * jobs_succeeded / jobs_count, 2) ELSE 100 END
  ) STORED
) PARTITION BY RANGE (id);

COMMENT ON TABLE :"schema".event_executions IS 'One event module asked in one invocation, whether it fired or not.';
COMMENT ON COLUMN :"schema".event_executions.detection_ended_at IS 'When the detector gave its verdict.';

-- Modules of an invocation (every row is asked for there, so the index is not partial).
CREATE INDEX event_executions_invocation_id ON :"schema".event_executions (invocation_id);

CREATE TABLE :"schema".job_executions (
  id uuid PRIMARY KEY,
  invocation_id uuid NOT NULL,
  event_execution_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  correlation_id uuid NOT NULL,
  trace_id text,
  span_id text,
  parent_span_id text,
  job_name text NOT NULL,
  job_function_name text,
  job_options jsonb,
  duration_ms integer,
  status text NOT NULL DEFAULT 'running'
    CHECK (status IN ('running', 'completed', 'failed', 'timeout', 'lost')),
  result jsonb,
  error_message text,
  error_stack text
) PARTITION BY RANGE (id);

COMMENT ON TABLE :"schema".job_executions IS 'One run of one job.';

-- invocation_chain() and the jobs of an invocation.
CREATE INDEX job_executions_invocation_id ON :"schema".job_executions (invocation_id);
-- The jobs of an event, nested in the queries of the plugin's README.
CREATE INDEX job_executions_event_execution_id ON :"schema".job_executions (event_execution_id);

-- Ids that are not UUIDv7 (a caller may choose invocationId) and times without a partition land here.
CREATE TABLE :"schema".invocations_default PARTITION OF :"schema".invocations DEFAULT;
CREATE TABLE :"schema".event_executions_default PARTITION OF :"schema".event_executions DEFAULT;
CREATE TABLE :"schema".job_executions_default PARTITION OF :"schema".job_executions DEFAULT;

-- The smallest UUIDv7 of an instant: the bound between two partitions.
CREATE FUNCTION :"schema".uuid_v7_at(instant timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (lpad(to_hex(floor(extract(epoch FROM instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

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

-- Totals per hour and function over the last seven days.
CREATE VIEW :"schema".dashboard_stats AS
SELECT
  date_trunc('hour', created_at) AS hour_bucket,
  source_function,
  count(*) AS total_invocations,
  count(*) FILTER (WHERE status = 'completed') AS successful_invocations,
  count(*) FILTER (WHERE status IN ('failed', 'timeout', 'lost')) AS failed_invocations,
  coalesce(sum(events_detected_count), 0) AS total_events_detected,
  coalesce(sum(total_jobs_run), 0) AS total_jobs_run,
  coalesce(sum(total_jobs_succeeded), 0) AS total_jobs_succeeded,
  round(avg(total_duration_ms), 2) AS avg_duration_ms,
  min(total_duration_ms) AS min_duration_ms,
  max(total_duration_ms) AS max_duration_ms,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY total_duration_ms) AS p95_duration_ms
FROM :"schema".invocations
WHERE created_at > now() - interval '7 days'
GROUP BY 1, 2;
