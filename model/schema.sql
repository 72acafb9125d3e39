PARTITIONED TABLE event_executions (
  id uuid NOT NULL
  invocation_id uuid NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  detection_ended_at timestamp with time zone -- When the detector gave its verdict.
  ended_at timestamp with time zone
  correlation_id uuid NOT NULL
  trace_id text
  span_id text
  parent_span_id text
  event_name text NOT NULL
  event_module_path text
  detected boolean NOT NULL DEFAULT false
  detection_duration_ms integer
  detection_error text
  detection_error_stack text
  handler_duration_ms integer
  handler_error text
  handler_error_stack text
  jobs_count integer NOT NULL DEFAULT 0
  jobs_succeeded integer NOT NULL DEFAULT 0
  jobs_failed integer NOT NULL DEFAULT 0
  status text NOT NULL DEFAULT 'detecting'::text
  job_success_rate numeric GENERATED AS (
CASE
    WHEN (jobs_count > 0) THEN round(((100.0 * (jobs_succeeded)::numeric) / (jobs_count)::numeric), 2)
    ELSE (100)::numeric
END)
  not_detected_reason text -- Why the detector said no, in its own words: notDetected(reason, facts).
  detection_facts jsonb -- The facts given with the reason.
  columns_read jsonb -- What the detector read of the payload (new.status, op, …); null unless the plugin records reads.
) PARTITION BY RANGE (id);
  event_executions_pkey PRIMARY KEY (id)
  event_executions_status_check CHECK ((status = ANY (ARRAY['detecting'::text, 'not_detected'::text, 'handling'::text, 'completed'::text, 'failed'::text, 'detection_failed'::text, 'handler_failed'::text, 'lost'::text])))

PARTITIONED TABLE events (
  id text NOT NULL
  event_type text NOT NULL
  event_name text NOT NULL
  ns text NOT NULL
  trace_id text
  span_id text
  parent_id text
  root_id text
  session_id text
  workflow_id text
  transaction_id text
  correlation_id text
  depth integer
  is_leaf boolean
  is_root boolean
  actor_id text
  actor_type text
  actor_name text
  anonymous_id text
  resource_type text
  resource_id text
  resource_name text
  resource_version text
  resource_ns text
  "timestamp" timestamp with time zone NOT NULL
  timestamp_ns bigint
  started_at timestamp with time zone
  ended_at timestamp with time zone
  duration_ms double precision
  cpu_time_ms double precision
  outcome text
  outcome_reason text
  status_code integer
  error_type text
  error_message text
  error_stack text
  http_method text
  http_url text
  http_host text
  http_path text
  http_query text
  http_status integer
  http_protocol text
  http_request_size bigint
  http_response_size bigint
  http_referrer text
  http_user_agent text
  http_content_type text
  geo_country text
  geo_region text
  geo_city text
  geo_colo text
  geo_timezone text
  geo_latitude double precision
  geo_longitude double precision
  geo_asn bigint
  geo_as_org text
  geo_postal text
  client_type text
  client_name text
  client_version text
  device_type text
  device_model text
  device_brand text
  os_name text
  os_version text
  bot_score smallint
  bot_verified boolean
  screen_size text
  service_name text
  service_version text
  service_instance text
  service_namespace text
  host_name text
  host_id text
  cloud_provider text
  cloud_region text
  cloud_zone text
  container_id text
  k8s_namespace text
  k8s_pod text
  k8s_deployment text
  db_system text
  db_name text
  db_table text
  db_operation text
  db_statement text
  db_row_id text
  db_lsn text
  db_version bigint
  db_before jsonb
  db_after jsonb
  msg_system text
  msg_destination text
  msg_operation text
  msg_batch_size integer
  msg_message_id text
  rpc_system text
  rpc_service text
  rpc_method text
  rpc_status text
  page_title text
  page_search text
  campaign_name text
  campaign_source text
  campaign_medium text
  campaign_term text
  campaign_content text
  campaign_id text
  ab_test_id text
  ab_variant text
  vital_name text
  vital_value double precision
  vital_rating text
  vital_delta double precision
  vital_element text
  vital_load_state text
  nav_type text
  replay_type text
  replay_source text
  replay_sequence bigint
  replay_timestamp_offset double precision
  replay_data text
  metric_name text
  metric_unit text
  metric_type text
  metric_value double precision
  metric_count bigint
  metric_sum double precision
  metric_min double precision
  metric_max double precision
  metric_buckets jsonb
  metric_quantiles jsonb
  log_level text
  log_level_num smallint
  log_message text
  log_logger text
  do_class text
  do_id text
  do_method text
  action_verb text
  action_durability text
  action_target text
  action_input_version bigint
  biz_step text
  biz_disposition text
  biz_transaction text
  biz_location text
  biz_read_point text
  snippet_initiator text
  snippet_request_id text
  snippet_start_time double precision
  snippet_dns_time double precision
  snippet_connect_time double precision
  snippet_ttfb double precision
  snippet_download_time double precision
  snippet_blocked_time double precision
  snippet_resource_type text
  snippet_transfer_size bigint
  snippet_decoded_size bigint
  snippet_cache_state text
  snippet_priority text
  data jsonb
  attributes jsonb
  labels jsonb
  context jsonb
  properties jsonb
  traits jsonb
  hour smallint
  day date
  event_source text
  visibility text
  ingested_at timestamp with time zone
  batch_id text
  schema_version integer
) PARTITION BY RANGE ("timestamp");
  events_pkey PRIMARY KEY ("timestamp", id)

PARTITIONED TABLE invocations (
  id uuid NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now() -- When the invocation started, to the microsecond.
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  ended_at timestamp with time zone -- When it ended, to the microsecond; null while it runs.
  correlation_id uuid NOT NULL -- Shared by everything one user action set off; inherited from the changed row or made here.
  correlation_source text NOT NULL DEFAULT 'generated'::text -- Where correlation_id came from: updated_by, updated_by_unchanged (a token this change did not write), session, metadata, custom, trace_context, host_plugin, caller or generated.
  trace_id text
  span_id text
  parent_span_id text
  source_function text NOT NULL
  source_table text
  source_operation text
  source_system text DEFAULT 'hasura'::text
  source_record_id text -- The id of the changed row, when its payload has one.
  source_job_id uuid -- The job whose write fired this invocation; null for the root of a chain.
  source_event_id uuid
  source_event_payload jsonb
  source_event_time timestamp with time zone
  source_user_email text
  source_user_role text
  total_duration_ms integer
  events_detected_count integer NOT NULL DEFAULT 0
  total_jobs_run integer NOT NULL DEFAULT 0
  total_jobs_succeeded integer NOT NULL DEFAULT 0
  total_jobs_failed integer NOT NULL DEFAULT 0
  auto_load_modules boolean DEFAULT true
  event_modules_directory text
  status text NOT NULL DEFAULT 'running'::text
  error_message text
  error_stack text
  context_data jsonb
  success_rate numeric GENERATED AS (
CASE
    WHEN (total_jobs_run > 0) THEN round(((100.0 * (total_jobs_succeeded)::numeric) / (total_jobs_run)::numeric), 2)
    ELSE (100)::numeric
END)
  correlation_detail text -- Where exactly correlation_id was found, or why none was.
  previous_job_id uuid -- The job in a token that this change did not write: it wrote the row before, and nobody knows whether this time, too.
  changed_columns jsonb -- The columns that an update changed.
) PARTITION BY RANGE (id);
  invocations_pkey PRIMARY KEY (id)
  invocations_status_check CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'timeout'::text, 'lost'::text])))

PARTITIONED TABLE job_executions (
  id uuid NOT NULL
  invocation_id uuid NOT NULL
  event_execution_id uuid NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  ended_at timestamp with time zone
  correlation_id uuid NOT NULL
  trace_id text
  span_id text
  parent_span_id text
  job_name text NOT NULL
  job_function_name text
  job_options jsonb
  duration_ms integer
  status text NOT NULL DEFAULT 'running'::text
  result jsonb
  error_message text
  error_stack text
) PARTITION BY RANGE (id);
  job_executions_pkey PRIMARY KEY (id)
  job_executions_status_check CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'timeout'::text, 'lost'::text])))

TABLE schema_migrations (
  name text NOT NULL
  checksum text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
);
  schema_migrations_pkey PRIMARY KEY (name)

CREATE INDEX event_executions_invocation_id ON ONLY event_detector_observability.event_executions USING btree (invocation_id);

CREATE INDEX events_span_id ON ONLY event_detector_observability.events USING btree (span_id) WHERE (span_id IS NOT NULL);

CREATE INDEX invocations_correlation_id ON ONLY event_detector_observability.invocations USING btree (correlation_id);

CREATE INDEX invocations_created_at ON ONLY event_detector_observability.invocations USING btree (created_at DESC);

CREATE INDEX invocations_source_job_id ON ONLY event_detector_observability.invocations USING btree (source_job_id) WHERE (source_job_id IS NOT NULL);

CREATE INDEX job_executions_event_execution_id ON ONLY event_detector_observability.job_executions USING btree (event_execution_id);

CREATE INDEX job_executions_invocation_id ON ONLY event_detector_observability.job_executions USING btree (invocation_id);

VIEW dashboard_stats AS
 SELECT date_trunc('hour'::text, created_at) AS hour_bucket,
    source_function,
    count(*) AS total_invocations,
    count(*) FILTER (WHERE (status = 'completed'::text)) AS successful_invocations,
    count(*) FILTER (WHERE (status = ANY (ARRAY['failed'::text, 'timeout'::text, 'lost'::text]))) AS failed_invocations,
    COALESCE(sum(events_detected_count), (0)::bigint) AS total_events_detected,
    COALESCE(sum(total_jobs_run), (0)::bigint) AS total_jobs_run,
    COALESCE(sum(total_jobs_succeeded), (0)::bigint) AS total_jobs_succeeded,
    round(avg(total_duration_ms), 2) AS avg_duration_ms,
    min(total_duration_ms) AS min_duration_ms,
    max(total_duration_ms) AS max_duration_ms,
    percentile_cont((0.95)::double precision) WITHIN GROUP (ORDER BY ((total_duration_ms)::double precision)) AS p95_duration_ms
   FROM event_detector_observability.invocations
  WHERE (created_at > (now() - '7 days'::interval))
  GROUP BY (date_trunc('hour'::text, created_at)), source_function;

CREATE OR REPLACE FUNCTION event_detector_observability.correlation_coverage(since timestamp with time zone)
 RETURNS TABLE(correlation_source text, correlation_detail text, inherited boolean, invocations bigint, share numeric)
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT
    i.correlation_source,
    i.correlation_detail,
    i.correlation_source <> 'generated',
    count(*),
    round(100.0 * count(*) / sum(count(*)) OVER (), 2)
  FROM "event_detector_observability".invocations i
  WHERE i.created_at >= since
  GROUP BY 1, 2, 3
  ORDER BY 4 DESC, 1, 2
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.ensure_partitions(first_day date, last_day date)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  parent text;
  key_column text;
  day date;
  name text;
  low text;
  high text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('event_detector_observability' || '.ensure_partitions', 0));
  FOREACH parent IN ARRAY ARRAY['invocations', 'event_executions', 'job_executions', 'events'] LOOP
    key_column := CASE parent WHEN 'events' THEN 'timestamp' ELSE 'id' END;
    FOR day IN SELECT d::date FROM generate_series(first_day, last_day, interval '1 day') d LOOP
      name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
      CONTINUE WHEN to_regclass(format('%I.%I', 'event_detector_observability', name)) IS NOT NULL;
      IF parent = 'events' THEN
        low := (day::timestamp AT TIME ZONE 'UTC')::text;
        high := ((day + 1)::timestamp AT TIME ZONE 'UTC')::text;
      ELSE
        low := "event_detector_observability".uuid_v7_at(day::timestamp AT TIME ZONE 'UTC')::text;
        high := "event_detector_observability".uuid_v7_at((day + 1)::timestamp AT TIME ZONE 'UTC')::text;
      END IF;
      EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING ALL)', 'event_detector_observability', name, 'event_detector_observability', parent);
      EXECUTE format(
        'WITH moved AS (DELETE FROM ONLY %1$I.%2$I WHERE %3$I >= %4$L AND %3$I < %5$L RETURNING *) '
        'INSERT INTO %1$I.%6$I (%7$s) SELECT %7$s FROM moved',
        'event_detector_observability', parent || '_default', key_column, low, high, name,
        (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = format('%I.%I', 'event_detector_observability', parent)::regclass
           AND attnum > 0 AND NOT attisdropped AND attgenerated = ''));
      EXECUTE format('ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I FOR VALUES FROM (%4$L) TO (%5$L)',
        'event_detector_observability', parent, name, low, high);
      made := made + 1;
    END LOOP;
  END LOOP;
  RETURN made;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.invocation_ancestors(invocation_id uuid)
 RETURNS SETOF event_detector_observability.invocations
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH RECURSIVE ancestors (id, source_job_id) AS (
    SELECT i.id, i.source_job_id FROM "event_detector_observability".invocations i WHERE i.id = invocation_ancestors.invocation_id
    UNION
    SELECT parent.id, parent.source_job_id
    FROM ancestors
    JOIN "event_detector_observability".job_executions j ON j.id = ancestors.source_job_id
    JOIN "event_detector_observability".invocations parent ON parent.id = j.invocation_id
  )
  SELECT i.* FROM "event_detector_observability".invocations i JOIN ancestors ON ancestors.id = i.id
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.invocation_chain(root_id uuid)
 RETURNS SETOF event_detector_observability.invocations
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH RECURSIVE chain (id) AS (
    SELECT i.id FROM "event_detector_observability".invocations i WHERE i.id = root_id
    UNION
    SELECT child.id
    FROM chain
    JOIN "event_detector_observability".job_executions j ON j.invocation_id = chain.id
    JOIN "event_detector_observability".invocations child ON child.source_job_id = j.id
  )
  SELECT i.* FROM "event_detector_observability".invocations i JOIN chain ON chain.id = i.id
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.uuid_v7_at(instant timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ((lpad(to_hex((floor((EXTRACT(epoch FROM instant) * (1000)::numeric)))::bigint), 12, '0'::text) || repeat('0'::text, 20)))::uuid
;
