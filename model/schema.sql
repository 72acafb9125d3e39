TABLE event_counts_hourly (
  hour_bucket timestamp with time zone NOT NULL
  event_type text NOT NULL
  ns text NOT NULL
  service_name text
  outcome text
  log_level text
  total bigint NOT NULL
  durations bigint NOT NULL -- How many of them have a duration.
  duration_sum_ms double precision
  duration_max_ms double precision
  last_at timestamp with time zone NOT NULL -- When the last of them happened.
  updated_at timestamp with time zone NOT NULL DEFAULT now()
);

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

TABLE event_metrics_hourly (
  hour_bucket timestamp with time zone NOT NULL
  event_name text NOT NULL
  total_asked integer NOT NULL DEFAULT 0
  total_detected integer NOT NULL DEFAULT 0
  failed_events integer NOT NULL DEFAULT 0
  total_jobs_run integer NOT NULL DEFAULT 0
  total_jobs_failed integer NOT NULL DEFAULT 0
  avg_detection_ms numeric(12,2)
  max_detection_ms integer
  detection_histogram integer[] NOT NULL DEFAULT '{}'::integer[]
  avg_handler_ms numeric(12,2)
  max_handler_ms integer
  handler_histogram integer[] NOT NULL DEFAULT '{}'::integer[]
  updated_at timestamp with time zone NOT NULL DEFAULT now()
);
  event_metrics_hourly_pkey PRIMARY KEY (hour_bucket, event_name)

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

TABLE instances (
  id uuid NOT NULL
  started_at timestamp with time zone NOT NULL DEFAULT now()
  heartbeat_at timestamp with time zone NOT NULL DEFAULT now() -- Told with writes and while work is open, at most every 10 seconds.
  ended_at timestamp with time zone -- When it was shut down; null while it runs, and for ever if its process was killed.
  host text
  pid integer
  version text
);
  instances_pkey PRIMARY KEY (id)

PARTITIONED TABLE invocations (
  id uuid NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now() -- When the invocation started, to the microsecond.
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  ended_at timestamp with time zone -- When it ended, to the microsecond; null while it runs.
  correlation_id uuid NOT NULL -- Shared by everything one user action set off; inherited from the changed row or made here.
  correlation_source text NOT NULL DEFAULT 'generated'::text -- Where correlation_id came from: updated_by, updated_by_unchanged (a token this change did not write), session, metadata, custom, trace_context, host_plugin, caller, replay (made for it) or generated.
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
  instance_id uuid -- The run of the plugin that recorded it; null for rows of versions before instances.
  correlation_detail text -- Where exactly correlation_id was found, or why none was.
  previous_job_id uuid -- The job in a token that this change did not write: it wrote the row before, and nobody knows whether this time, too.
  changed_columns jsonb -- The columns that an update changed.
  replay_of uuid -- The invocation whose payload, edited or not, this one was given again; null for what Hasura delivered.
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

TABLE job_metrics_hourly (
  hour_bucket timestamp with time zone NOT NULL
  job_name text NOT NULL
  total_runs integer NOT NULL DEFAULT 0
  successful_runs integer NOT NULL DEFAULT 0
  failed_runs integer NOT NULL DEFAULT 0 -- Failed, timed out or lost.
  avg_duration_ms numeric(12,2)
  min_duration_ms integer
  max_duration_ms integer
  p95_duration_ms numeric(12,2)
  duration_sum_ms bigint NOT NULL DEFAULT 0
  duration_histogram integer[] NOT NULL DEFAULT '{}'::integer[]
  updated_at timestamp with time zone NOT NULL DEFAULT now()
);
  job_metrics_hourly_pkey PRIMARY KEY (hour_bucket, job_name)

TABLE maintenance_state (
  id boolean NOT NULL DEFAULT true
  live_from timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone -- Hours before it are read from the roll-ups, hours from it on from the rows.
  frozen_before timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone -- Rows before it were dropped, so that hours before it are not counted again.
  swept_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone -- When all partitions were last searched for hours that changed late.
  last_run_at timestamp with time zone
  last_report jsonb
);
  maintenance_state_id_check CHECK (id)
  maintenance_state_pkey PRIMARY KEY (id)

TABLE metrics_hourly (
  id uuid NOT NULL DEFAULT gen_random_uuid()
  hour_bucket timestamp with time zone NOT NULL
  source_function text NOT NULL
  total_invocations integer NOT NULL DEFAULT 0
  total_events_detected integer NOT NULL DEFAULT 0
  total_jobs_run integer NOT NULL DEFAULT 0
  total_jobs_succeeded integer NOT NULL DEFAULT 0
  total_jobs_failed integer NOT NULL DEFAULT 0
  successful_invocations integer NOT NULL DEFAULT 0
  failed_invocations integer NOT NULL DEFAULT 0 -- Failed, timed out or lost.
  lost_invocations integer NOT NULL DEFAULT 0
  inherited_invocations integer NOT NULL DEFAULT 0 -- Those whose correlation id was not made here.
  avg_duration_ms numeric(12,2)
  min_duration_ms integer
  max_duration_ms integer
  p95_duration_ms numeric(12,2) -- Exact for this hour; over several hours take histogram_percentile(histogram_sum(duration_histogram), 0.95).
  duration_sum_ms bigint NOT NULL DEFAULT 0
  duration_histogram integer[] NOT NULL DEFAULT '{}'::integer[]
  top_detected_events jsonb NOT NULL DEFAULT '[]'::jsonb
  most_failed_jobs jsonb NOT NULL DEFAULT '[]'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
);
  metrics_hourly_hour_bucket_source_function_key UNIQUE (hour_bucket, source_function)
  metrics_hourly_pkey PRIMARY KEY (id)

TABLE metrics_snapshots (
  hour_bucket timestamp with time zone NOT NULL
  total_invocations integer NOT NULL
  failed_invocations integer NOT NULL
  lost_invocations integer NOT NULL
  inherited_invocations integer NOT NULL
  total_events_asked integer NOT NULL
  total_events_detected integer NOT NULL
  total_jobs_run integer NOT NULL
  total_jobs_failed integer NOT NULL
  p50_duration_ms double precision
  p95_duration_ms double precision
  p99_duration_ms double precision
  updated_at timestamp with time zone NOT NULL DEFAULT now()
);
  metrics_snapshots_pkey PRIMARY KEY (hour_bucket)

TABLE partition_state (
  name text NOT NULL
  rows_written bigint -- Postgres' count of rows ever inserted or updated when it was last searched for changed hours.
  rows_deleted bigint -- Postgres' count of rows ever deleted when it was last searched for orphans.
  searched_from bigint -- The oldest transaction whose rows the last search may not have seen.
);
  partition_state_pkey PRIMARY KEY (name)

TABLE quarantined_rows (
  id uuid NOT NULL DEFAULT gen_random_uuid()
  created_at timestamp with time zone NOT NULL DEFAULT now() -- When the row was refused last.
  table_name text NOT NULL -- The table the row was meant for.
  row_id text NOT NULL -- The id of the row there.
  "row" jsonb NOT NULL -- The row as it was sent; characters that no text may hold are U+FFFD.
  error_code text -- The SQLSTATE; null when the row could not be sent at all.
  error_message text NOT NULL
  instance text -- Host and process id of the plugin that sent it.
);
  quarantined_rows_pkey PRIMARY KEY (id)
  quarantined_rows_table_name_row_id_key UNIQUE (table_name, row_id)

TABLE schema_migrations (
  name text NOT NULL
  checksum text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
);
  schema_migrations_pkey PRIMARY KEY (name)

CREATE INDEX event_counts_hourly_hour_bucket ON event_detector_observability.event_counts_hourly USING btree (hour_bucket, event_type);

CREATE INDEX event_executions_detected ON ONLY event_detector_observability.event_executions USING btree (event_name, id DESC) WHERE detected;

CREATE INDEX event_executions_invocation_id ON ONLY event_detector_observability.event_executions USING btree (invocation_id);

CREATE INDEX event_executions_running ON ONLY event_detector_observability.event_executions USING btree (invocation_id) WHERE (status = ANY (ARRAY['detecting'::text, 'handling'::text]));

CREATE INDEX events_actor_id ON ONLY event_detector_observability.events USING btree (actor_id, "timestamp") WHERE (actor_id IS NOT NULL);

CREATE INDEX events_arrival ON ONLY event_detector_observability.events USING btree (id) WHERE ("timestamp" = ingested_at);

CREATE INDEX events_correlation_id ON ONLY event_detector_observability.events USING btree (correlation_id, "timestamp") WHERE (correlation_id IS NOT NULL);

CREATE INDEX events_errors ON ONLY event_detector_observability.events USING btree (service_name, "timestamp") WHERE ((outcome = 'error'::text) OR (log_level = ANY (ARRAY['error'::text, 'fatal'::text])));

CREATE INDEX events_event_type ON ONLY event_detector_observability.events USING btree (event_type, "timestamp");

CREATE INDEX events_logs ON ONLY event_detector_observability.events USING btree ("timestamp", COALESCE(lower(log_level), 'none'::text), log_logger, service_name) INCLUDE (log_level) WHERE (event_type = 'log'::text);

CREATE INDEX events_service_name ON ONLY event_detector_observability.events USING btree (service_name, "timestamp") WHERE (service_name IS NOT NULL);

CREATE INDEX events_session_id ON ONLY event_detector_observability.events USING btree (session_id, "timestamp") WHERE (session_id IS NOT NULL);

CREATE INDEX events_trace_id ON ONLY event_detector_observability.events USING btree (trace_id, "timestamp", span_id) WHERE (trace_id IS NOT NULL);

CREATE INDEX invocations_correlation_id ON ONLY event_detector_observability.invocations USING btree (correlation_id);

CREATE INDEX invocations_created_at ON ONLY event_detector_observability.invocations USING btree (created_at DESC) INCLUDE (status, source_function, source_table, source_operation);

CREATE INDEX invocations_failed ON ONLY event_detector_observability.invocations USING btree (created_at DESC) WHERE (status = ANY (ARRAY['failed'::text, 'timeout'::text, 'lost'::text]));

CREATE INDEX invocations_replay_of ON ONLY event_detector_observability.invocations USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX invocations_running ON ONLY event_detector_observability.invocations USING btree (instance_id) WHERE (status = 'running'::text);

CREATE INDEX invocations_source_event_id ON ONLY event_detector_observability.invocations USING btree (source_event_id) WHERE (source_event_id IS NOT NULL);

CREATE INDEX invocations_source_event_payload ON ONLY event_detector_observability.invocations USING gin (source_event_payload jsonb_path_ops);

CREATE INDEX invocations_source_job_id ON ONLY event_detector_observability.invocations USING btree (source_job_id) WHERE (source_job_id IS NOT NULL);

CREATE INDEX invocations_source_record_id ON ONLY event_detector_observability.invocations USING btree (source_record_id, source_table) WHERE (source_record_id IS NOT NULL);

CREATE INDEX invocations_source_user_email ON ONLY event_detector_observability.invocations USING btree (source_user_email) WHERE (source_user_email IS NOT NULL);

CREATE INDEX invocations_total_duration_ms ON ONLY event_detector_observability.invocations USING btree (total_duration_ms DESC NULLS LAST);

CREATE INDEX invocations_trace_id ON ONLY event_detector_observability.invocations USING btree (trace_id) WHERE (trace_id IS NOT NULL);

CREATE INDEX job_executions_event_execution_id ON ONLY event_detector_observability.job_executions USING btree (event_execution_id);

CREATE INDEX job_executions_failed ON ONLY event_detector_observability.job_executions USING btree (created_at DESC) WHERE (status = ANY (ARRAY['failed'::text, 'timeout'::text, 'lost'::text]));

CREATE INDEX job_executions_invocation_id ON ONLY event_detector_observability.job_executions USING btree (invocation_id);

CREATE INDEX job_executions_job_name ON ONLY event_detector_observability.job_executions USING btree (job_name, id DESC);

CREATE INDEX job_executions_running ON ONLY event_detector_observability.job_executions USING btree (invocation_id) WHERE (status = 'running'::text);

CREATE UNIQUE INDEX metrics_hourly_hour_bucket_source_function_key ON event_detector_observability.metrics_hourly USING btree (hour_bucket, source_function);

CREATE UNIQUE INDEX quarantined_rows_table_name_row_id_key ON event_detector_observability.quarantined_rows USING btree (table_name, row_id);

VIEW correlation_coverage_rows AS
 SELECT NULL::text AS correlation_source,
    NULL::text AS correlation_detail,
    NULL::boolean AS inherited,
    NULL::bigint AS invocations,
    NULL::numeric AS percent
  WHERE false;

VIEW correlation_group_rows AS
 SELECT NULL::uuid AS correlation_id,
    NULL::bigint AS invocations,
    NULL::bigint AS roots,
    NULL::bigint AS failed,
    NULL::bigint AS jobs_failed,
    NULL::timestamp with time zone AS first_at,
    NULL::timestamp with time zone AS last_at,
    NULL::uuid AS first_invocation_id,
    NULL::text AS source_function,
    NULL::text AS source_table,
    NULL::text AS source_operation,
    NULL::text AS source_record_id
  WHERE false;

VIEW dashboard_stats AS
 SELECT metrics_hourly.hour_bucket,
    metrics_hourly.source_function,
    (metrics_hourly.total_invocations)::bigint AS total_invocations,
    (metrics_hourly.successful_invocations)::bigint AS successful_invocations,
    (metrics_hourly.failed_invocations)::bigint AS failed_invocations,
    (metrics_hourly.total_events_detected)::bigint AS total_events_detected,
    (metrics_hourly.total_jobs_run)::bigint AS total_jobs_run,
    (metrics_hourly.total_jobs_succeeded)::bigint AS total_jobs_succeeded,
    (metrics_hourly.avg_duration_ms)::numeric AS avg_duration_ms,
    metrics_hourly.min_duration_ms,
    metrics_hourly.max_duration_ms,
    (metrics_hourly.p95_duration_ms)::double precision AS p95_duration_ms
   FROM event_detector_observability.metrics_hourly
  WHERE ((metrics_hourly.hour_bucket >= date_trunc('hour'::text, (now() - '7 days'::interval), 'UTC'::text)) AND (metrics_hourly.hour_bucket < ( SELECT maintenance_state.live_from
           FROM event_detector_observability.maintenance_state)))
UNION ALL
 SELECT date_trunc('hour'::text, invocations.created_at, 'UTC'::text) AS hour_bucket,
    invocations.source_function,
    count(*) AS total_invocations,
    count(*) FILTER (WHERE (invocations.status = 'completed'::text)) AS successful_invocations,
    count(*) FILTER (WHERE (invocations.status = ANY (ARRAY['failed'::text, 'timeout'::text, 'lost'::text]))) AS failed_invocations,
    COALESCE(sum(invocations.events_detected_count), (0)::bigint) AS total_events_detected,
    COALESCE(sum(invocations.total_jobs_run), (0)::bigint) AS total_jobs_run,
    COALESCE(sum(invocations.total_jobs_succeeded), (0)::bigint) AS total_jobs_succeeded,
    round(avg(invocations.total_duration_ms), 2) AS avg_duration_ms,
    min(invocations.total_duration_ms) AS min_duration_ms,
    max(invocations.total_duration_ms) AS max_duration_ms,
    percentile_cont((0.95)::double precision) WITHIN GROUP (ORDER BY ((invocations.total_duration_ms)::double precision)) AS p95_duration_ms
   FROM event_detector_observability.invocations
  WHERE ((invocations.created_at >= date_trunc('hour'::text, (now() - '7 days'::interval), 'UTC'::text)) AND (invocations.created_at >= ( SELECT maintenance_state.live_from
           FROM event_detector_observability.maintenance_state)))
  GROUP BY (date_trunc('hour'::text, invocations.created_at, 'UTC'::text)), invocations.source_function;

VIEW duration_rows AS
 SELECT NULL::timestamp with time zone AS bucket,
    NULL::text AS name,
    NULL::bigint AS measured,
    NULL::double precision AS sum_ms,
    NULL::double precision AS p50_ms,
    NULL::double precision AS p95_ms,
    NULL::double precision AS p99_ms,
    NULL::integer AS max_ms,
    NULL::bigint[] AS histogram
  WHERE false;

VIEW event_count_rows AS
 SELECT NULL::timestamp with time zone AS bucket,
    NULL::text AS event_type,
    NULL::text AS ns,
    NULL::text AS service_name,
    NULL::text AS outcome,
    NULL::text AS log_level,
    NULL::bigint AS total,
    NULL::bigint AS errors,
    NULL::double precision AS avg_duration_ms,
    NULL::double precision AS max_duration_ms,
    NULL::timestamp with time zone AS last_at
  WHERE false;

VIEW event_volume_rows AS
 SELECT NULL::timestamp with time zone AS bucket,
    NULL::text AS event_type,
    NULL::text AS service_name,
    NULL::text AS log_level,
    NULL::bigint AS events
  WHERE false;

VIEW execution_map_edges AS
 SELECT NULL::text AS from_kind,
    NULL::text AS from_name,
    NULL::text AS to_kind,
    NULL::text AS to_name,
    NULL::bigint AS asked,
    NULL::bigint AS calls,
    NULL::bigint AS failed,
    NULL::double precision AS avg_ms,
    NULL::double precision AS p95_ms
  WHERE false;

VIEW facet_counts AS
 SELECT NULL::text AS facet,
    NULL::text AS value,
    NULL::bigint AS invocations
  WHERE false;

VIEW job_error_groups AS
 SELECT NULL::text AS fingerprint,
    NULL::text AS job_name,
    NULL::text AS pattern,
    NULL::text AS last_message,
    NULL::bigint AS runs,
    NULL::bigint AS invocations,
    NULL::timestamp with time zone AS first_seen,
    NULL::timestamp with time zone AS last_seen,
    NULL::uuid AS last_job_execution_id,
    NULL::uuid AS last_invocation_id
  WHERE false;

VIEW last_job_runs_rows AS
 SELECT NULL::text AS job_name,
    NULL::timestamp with time zone AS last_run_at,
    NULL::jsonb AS runs
  WHERE false;

VIEW live_event_rates_rows AS
 SELECT NULL::text AS event_type,
    NULL::text AS ns,
    NULL::text AS service_name,
    NULL::bigint AS events,
    NULL::bigint AS errors,
    NULL::double precision AS events_per_second,
    NULL::double precision AS avg_duration_ms,
    NULL::double precision AS p95_duration_ms,
    NULL::timestamp with time zone AS last_at
  WHERE false;

VIEW log_count_rows AS
 SELECT NULL::timestamp with time zone AS bucket,
    NULL::text AS facet,
    NULL::text AS value,
    NULL::bigint AS lines
  WHERE false;

VIEW module_columns_rows AS
 SELECT NULL::text AS column_read,
    NULL::bigint AS reads,
    NULL::bigint AS looked_at,
    NULL::bigint AS recorded
  WHERE false;

VIEW module_jobs_rows AS
 SELECT NULL::text AS event_name,
    NULL::text AS job_name,
    NULL::text AS source_function,
    NULL::bigint AS runs,
    NULL::bigint AS failed,
    NULL::timestamp with time zone AS last_run_at,
    NULL::uuid AS last_job_execution_id,
    NULL::uuid AS last_invocation_id
  WHERE false;

VIEW module_reasons_rows AS
 SELECT NULL::text AS pattern,
    NULL::boolean AS failed,
    NULL::bigint AS times,
    NULL::bigint AS looked_at,
    NULL::text AS last_reason,
    NULL::timestamp with time zone AS first_seen,
    NULL::timestamp with time zone AS last_seen,
    NULL::uuid AS last_event_execution_id,
    NULL::uuid AS last_invocation_id
  WHERE false;

VIEW module_statistics_rows AS
 SELECT NULL::text AS event_name,
    NULL::bigint AS total_asked,
    NULL::bigint AS total_detected,
    NULL::bigint AS failed,
    NULL::numeric AS detected_percent,
    NULL::timestamp with time zone AS last_asked_hour,
    NULL::timestamp with time zone AS last_detected_hour
  WHERE false;

VIEW module_totals_rows AS
 SELECT NULL::timestamp with time zone AS bucket,
    NULL::text AS event_name,
    NULL::bigint AS asked,
    NULL::bigint AS detected,
    NULL::bigint AS failed,
    NULL::bigint AS jobs_run,
    NULL::bigint AS jobs_failed,
    NULL::double precision AS detection_sum_ms,
    NULL::double precision AS handler_sum_ms,
    NULL::double precision AS detection_p95_ms,
    NULL::integer AS detection_max_ms,
    NULL::double precision AS handler_p50_ms,
    NULL::double precision AS handler_p95_ms,
    NULL::integer AS handler_max_ms
  WHERE false;

VIEW performance_points AS
 SELECT NULL::timestamp with time zone AS bucket,
    NULL::text AS name,
    NULL::bigint AS total,
    NULL::bigint AS failed,
    NULL::double precision AS avg_ms,
    NULL::double precision AS p50_ms,
    NULL::double precision AS p95_ms,
    NULL::double precision AS p99_ms,
    NULL::integer AS max_ms
  WHERE false;

VIEW repeating_chain_rows AS
 SELECT NULL::uuid AS root_id,
    NULL::uuid AS last_invocation_id,
    NULL::text AS source_function,
    NULL::text AS source_table,
    NULL::text AS source_operation,
    NULL::text AS source_record_id,
    NULL::integer AS repeats,
    NULL::integer AS depth,
    NULL::timestamp with time zone AS last_at
  WHERE false;

VIEW span_columns AS
 SELECT NULL::integer AS length,
    NULL::bigint AS origin_us,
    NULL::text AS kinds,
    NULL::text AS tones,
    NULL::text AS ids,
    NULL::text AS parents,
    NULL::text AS span_ids,
    NULL::text AS starts_us,
    NULL::text AS durations_us,
    NULL::text AS names,
    NULL::text AS services,
    NULL::text AS details,
    NULL::text AS errors,
    NULL::jsonb AS trace_ids
  WHERE false;

VIEW spans AS
 SELECT 'invocation'::text AS kind,
    (i.id)::text AS id,
    i.trace_id,
    i.span_id,
    i.parent_span_id,
    i.source_function AS name,
    concat_ws(' '::text, i.source_operation, i.source_table) AS operation,
    i.source_system AS service,
    i.status,
    i.error_message,
    i.created_at AS started_at,
    i.ended_at,
    ((EXTRACT(epoch FROM (i.ended_at - i.created_at)) * (1000)::numeric))::double precision AS duration_ms,
    (i.correlation_id)::text AS correlation_id,
    i.id AS invocation_id,
    NULL::uuid AS event_execution_id,
    NULL::uuid AS job_execution_id,
    i.source_job_id
   FROM event_detector_observability.invocations i
UNION ALL
 SELECT 'detection'::text AS kind,
    (e.id)::text AS id,
    e.trace_id,
    e.span_id,
    e.parent_span_id,
    e.event_name AS name,
    NULL::text AS operation,
    NULL::text AS service,
    e.status,
    COALESCE(e.detection_error, e.handler_error) AS error_message,
    e.created_at AS started_at,
    COALESCE(e.ended_at, e.detection_ended_at) AS ended_at,
    ((EXTRACT(epoch FROM (COALESCE(e.ended_at, e.detection_ended_at) - e.created_at)) * (1000)::numeric))::double precision AS duration_ms,
    (e.correlation_id)::text AS correlation_id,
    e.invocation_id,
    e.id AS event_execution_id,
    NULL::uuid AS job_execution_id,
    NULL::uuid AS source_job_id
   FROM event_detector_observability.event_executions e
UNION ALL
 SELECT 'job'::text AS kind,
    (j.id)::text AS id,
    j.trace_id,
    j.span_id,
    j.parent_span_id,
    j.job_name AS name,
    j.job_function_name AS operation,
    NULL::text AS service,
    j.status,
    j.error_message,
    j.created_at AS started_at,
    j.ended_at,
    ((EXTRACT(epoch FROM (j.ended_at - j.created_at)) * (1000)::numeric))::double precision AS duration_ms,
    (j.correlation_id)::text AS correlation_id,
    j.invocation_id,
    j.event_execution_id,
    j.id AS job_execution_id,
    NULL::uuid AS source_job_id
   FROM event_detector_observability.job_executions j
UNION ALL
 SELECT 'trace'::text AS kind,
    t.id,
    t.trace_id,
    t.span_id,
    t.parent_id AS parent_span_id,
    t.event_name AS name,
    t.http_method AS operation,
    t.service_name AS service,
    t.outcome AS status,
    t.error_message,
    COALESCE(t.started_at, t."timestamp") AS started_at,
    COALESCE(t.ended_at, (COALESCE(t.started_at, t."timestamp") + (t.duration_ms * '00:00:00.001'::interval))) AS ended_at,
    COALESCE(t.duration_ms, ((EXTRACT(epoch FROM (t.ended_at - COALESCE(t.started_at, t."timestamp"))) * (1000)::numeric))::double precision) AS duration_ms,
    t.correlation_id,
    NULL::uuid AS invocation_id,
    NULL::uuid AS event_execution_id,
    NULL::uuid AS job_execution_id,
    NULL::uuid AS source_job_id
   FROM event_detector_observability.events t
  WHERE (t.event_type = 'trace'::text);

VIEW table_sizes AS
 SELECT (COALESCE(parent.relname, c.relname))::text AS table_name,
    (sum(pg_total_relation_size((c.oid)::regclass)))::bigint AS total_bytes,
    (sum(pg_relation_size((c.oid)::regclass)))::bigint AS row_bytes,
    (sum(GREATEST(c.reltuples, (pg_stat_get_live_tuples(c.oid))::real, (0)::real)))::bigint AS estimated_rows,
    (count(*) FILTER (WHERE (parent.oid IS NOT NULL)))::integer AS partitions,
    min("substring"((c.relname)::text, '_(\d{8})$'::text)) AS oldest_partition,
    max("substring"((c.relname)::text, '_(\d{8})$'::text)) AS newest_partition
   FROM (((pg_class c
     JOIN pg_namespace n ON ((n.oid = c.relnamespace)))
     LEFT JOIN pg_inherits h ON ((h.inhrelid = c.oid)))
     LEFT JOIN pg_class parent ON ((parent.oid = h.inhparent)))
  WHERE ((n.nspname = 'event_detector_observability'::name) AND (c.relkind = 'r'::"char"))
  GROUP BY ((COALESCE(parent.relname, c.relname))::text);

VIEW window_totals_rows AS
 SELECT NULL::timestamp with time zone AS bucket,
    NULL::text AS name,
    NULL::bigint AS total,
    NULL::bigint AS completed,
    NULL::bigint AS failed,
    NULL::bigint AS lost,
    NULL::bigint AS events_detected,
    NULL::bigint AS jobs_run,
    NULL::bigint AS jobs_failed,
    NULL::double precision AS avg_ms,
    NULL::double precision AS p50_ms,
    NULL::double precision AS p95_ms,
    NULL::double precision AS p99_ms,
    NULL::integer AS max_ms
  WHERE false;

CREATE OR REPLACE FUNCTION event_detector_observability.chain_waterfall(root_id uuid, max_invocations integer DEFAULT 10000)
 RETURNS SETOF event_detector_observability.spans
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH chain AS MATERIALIZED (
    SELECT c.id, c.trace_id FROM "event_detector_observability".invocation_chain(chain_waterfall.root_id, max_invocations) c
  )
  SELECT s.* FROM "event_detector_observability".spans s WHERE s.kind <> 'trace' AND s.invocation_id = ANY (ARRAY(SELECT id FROM chain))
  UNION ALL
  SELECT s.* FROM "event_detector_observability".spans s
  WHERE s.kind = 'trace' AND s.trace_id = ANY (ARRAY(SELECT DISTINCT c.trace_id FROM chain c WHERE c.trace_id IS NOT NULL))
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.changed_hours()
 RETURNS SETOF timestamp with time zone
 LANGUAGE sql
AS $function$
  SELECT "event_detector_observability".changed_hours(ARRAY['invocations', 'event_executions', 'job_executions'], 'created_at')
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.changed_hours(tables text[], time_column text)
 RETURNS SETOF timestamp with time zone
 LANGUAGE plpgsql
AS $function$
DECLARE
  part record;
  known "event_detector_observability".partition_state;
  written bigint;
  oldest_open bigint;
  -- Postgres' counts arrive with some delay, so what is written to now is searched in any case.
  recent text := to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYYMMDD');
BEGIN
  FOR part IN
    SELECT c.oid, c.relname AS name FROM unnest(tables) t JOIN pg_inherits h ON h.inhparent = to_regclass(format('%I.%I', 'event_detector_observability', t))
    JOIN pg_class c ON c.oid = h.inhrelid
  LOOP
    written := pg_stat_get_tuples_inserted(part.oid) + pg_stat_get_tuples_updated(part.oid);
    SELECT * INTO known FROM "event_detector_observability".partition_state p WHERE p.name = part.name;
    CONTINUE WHEN known.searched_from IS NOT NULL AND known.rows_written = written
      AND part.name !~ '_default$' AND right(part.name, 8) < recent;
    oldest_open := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    RETURN QUERY EXECUTE format(
      'SELECT DISTINCT date_trunc(''hour'', %I, ''UTC'') FROM %s WHERE $1 IS NULL OR age(xmin) <= age($1::text::xid)',
      time_column, part.oid::regclass) USING known.searched_from % 4294967296;
    INSERT INTO "event_detector_observability".partition_state AS s (name, rows_written, searched_from) VALUES (part.name, written, oldest_open)
    ON CONFLICT (name) DO UPDATE SET rows_written = excluded.rows_written, searched_from = excluded.searched_from;
  END LOOP;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.correlation_coverage(since interval DEFAULT '24:00:00'::interval)
 RETURNS SETOF event_detector_observability.correlation_coverage_rows
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
  WHERE i.created_at > now() - since
  GROUP BY 1, 2, 3
  ORDER BY 4 DESC, 1, 2
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.correlation_groups(since timestamp with time zone, until timestamp with time zone)
 RETURNS SETOF event_detector_observability.correlation_group_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT g.correlation_id, g.invocations, g.roots, g.failed, g.jobs_failed, g.first_at, g.last_at, f.id, f.source_function,
    f.source_table, f.source_operation, f.source_record_id
  FROM (
    SELECT i.correlation_id, count(*) AS invocations, count(*) FILTER (WHERE i.source_job_id IS NULL) AS roots,
      count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')) AS failed, sum(i.total_jobs_failed) AS jobs_failed,
      min(i.created_at) AS first_at, max(i.created_at) AS last_at,
      (array_agg(i.id ORDER BY i.created_at, i.id))[1] AS first_id
    FROM (
      SELECT w.* FROM "event_detector_observability".invocations w WHERE w.created_at >= since AND w.created_at < until
      ORDER BY w.created_at DESC LIMIT 100000
    ) i
    GROUP BY i.correlation_id
    ORDER BY max(i.created_at) DESC
    LIMIT 1000
  ) g JOIN "event_detector_observability".invocations f ON f.id = g.first_id
  ORDER BY g.last_at DESC
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.count_events_hour(start timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
  DELETE FROM "event_detector_observability".event_counts_hourly c WHERE c.hour_bucket = start;
  INSERT INTO "event_detector_observability".event_counts_hourly
    (hour_bucket, event_type, ns, service_name, outcome, log_level, total, durations, duration_sum_ms, duration_max_ms, last_at)
  SELECT start, e.event_type, e.ns, e.service_name, e.outcome, e.log_level, count(*), count(e.duration_ms), sum(e.duration_ms),
    max(e.duration_ms), max(e."timestamp")
  FROM "event_detector_observability".events e
  WHERE e."timestamp" >= start AND e."timestamp" < start + interval '1 hour'
  GROUP BY e.event_type, e.ns, e.service_name, e.outcome, e.log_level
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.default_partition_rows()
 RETURNS TABLE(table_name text, row_count bigint)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT 'invocations', count(*) FROM ONLY "event_detector_observability".invocations_default
  UNION ALL SELECT 'event_executions', count(*) FROM ONLY "event_detector_observability".event_executions_default
  UNION ALL SELECT 'job_executions', count(*) FROM ONLY "event_detector_observability".job_executions_default
  UNION ALL SELECT 'events', count(*) FROM ONLY "event_detector_observability".events_default
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.drop_expired_partitions(keep interval DEFAULT '30 days'::interval, keep_failed interval DEFAULT '90 days'::interval, OUT dropped integer, OUT thinned integer)
 RETURNS record
 LANGUAGE plpgsql
 SET lock_timeout TO '3s'
AS $function$
DECLARE
  parent text;
  part record;
  horizon timestamptz := now() - keep;
  failed_horizon timestamptz := now() - keep_failed;
  rolled_up boolean := false;
  kept_rows bigint;
  -- Which rows of a partition stay, for each table; every id of a day's work lies on that day or after it.
  kept_where jsonb := jsonb_build_object(
    'invocations', 't.status IN (''failed'', ''timeout'', ''lost'')',
    'event_executions', format('EXISTS (SELECT FROM %I.invocations i WHERE i.id = t.invocation_id
      AND i.status IN (''failed'', ''timeout'', ''lost''))', 'event_detector_observability'),
    'job_executions', format('EXISTS (SELECT FROM %I.invocations i WHERE i.id = t.invocation_id
      AND i.status IN (''failed'', ''timeout'', ''lost''))', 'event_detector_observability'),
    -- A job that ran over midnight wrote on the next day.
    'events', format('(t.trace_id, t.span_id) IN (SELECT j.trace_id, j.span_id FROM %1$I.job_executions j
      JOIN %1$I.invocations i ON i.id = j.invocation_id AND i.status IN (''failed'', ''timeout'', ''lost'')
      WHERE j.id >= %1$I.uuid_v7_at($1 - interval ''1 day'') AND j.id < %1$I.uuid_v7_at($1 + interval ''1 day''))', 'event_detector_observability'));
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('event_detector_observability' || '.retention', 0));
  dropped := 0;
  thinned := 0;
  -- The oldest day first, and in each day what others are looked up in first.
  FOR part IN
    SELECT p.relname AS parent, c.relname AS name, bounds.day, pg_get_expr(c.relpartbound, c.oid) AS bound,
      obj_description(c.oid, 'pg_class') LIKE 'Thinned out%' AS is_thin, bounds.day + interval '1 day' <= failed_horizon AS is_over
    FROM pg_inherits h
    JOIN pg_class c ON c.oid = h.inhrelid
    JOIN pg_class p ON p.oid = h.inhparent
    CROSS JOIN LATERAL (
      SELECT CASE WHEN c.relname ~ ('^' || p.relname || '_\d{8}$')
        THEN to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' END AS day) bounds
    WHERE p.relnamespace = format('%I', 'event_detector_observability')::regnamespace
      AND p.relname IN ('invocations', 'event_executions', 'job_executions', 'events')
      AND bounds.day + interval '1 day' <= horizon
    ORDER BY bounds.day, array_position(ARRAY['invocations', 'event_executions', 'job_executions', 'events'], p.relname::text)
  LOOP
    CONTINUE WHEN part.is_thin AND NOT part.is_over;
    IF NOT rolled_up THEN
      PERFORM "event_detector_observability".roll_up();
      rolled_up := true;
    END IF;
    kept_rows := 0;
    IF NOT part.is_over AND NOT coalesce(part.is_thin, false) THEN
      EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING ALL)', 'event_detector_observability', part.name || '_kept', part.parent);
      EXECUTE format('INSERT INTO %1$I.%2$I (%5$s) SELECT %5$s FROM %1$I.%3$I t WHERE %4$s',
        'event_detector_observability', part.name || '_kept', part.name, kept_where ->> part.parent,
        (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = to_regclass(format('%I.%I', 'event_detector_observability', part.parent))
           AND attnum > 0 AND NOT attisdropped AND attgenerated = '')) USING part.day;
      GET DIAGNOSTICS kept_rows = ROW_COUNT;
      IF kept_rows = 0 THEN EXECUTE format('DROP TABLE %I.%I', 'event_detector_observability', part.name || '_kept'); END IF;
    END IF;
    EXECUTE format('DROP TABLE %I.%I', 'event_detector_observability', part.name);
    DELETE FROM "event_detector_observability".partition_state s WHERE s.name = part.name;
    IF kept_rows = 0 THEN
      dropped := dropped + 1;
    ELSE
      EXECUTE format('ALTER TABLE %1$I.%2$I RENAME TO %3$I', 'event_detector_observability', part.name || '_kept', part.name);
      EXECUTE format('COMMENT ON TABLE %I.%I IS %L', 'event_detector_observability', part.name, 'Thinned out: what failed on this day, and its events, jobs and output.');
      EXECUTE format('ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I %4$s', 'event_detector_observability', part.parent, part.name, part.bound);
      thinned := thinned + 1;
    END IF;
    UPDATE "event_detector_observability".maintenance_state SET frozen_before = greatest(frozen_before, part.day + interval '1 day');
  END LOOP;

  -- Rows without a day of their own: few, so that they can be deleted.
  DELETE FROM ONLY "event_detector_observability".invocations_default i
  WHERE i.created_at < failed_horizon
     OR (i.created_at < horizon AND i.status NOT IN ('failed', 'timeout', 'lost'));
  DELETE FROM ONLY "event_detector_observability".event_executions_default e
  WHERE e.created_at < horizon AND NOT EXISTS (SELECT FROM "event_detector_observability".invocations i WHERE i.id = e.invocation_id);
  DELETE FROM ONLY "event_detector_observability".job_executions_default j
  WHERE j.created_at < horizon AND NOT EXISTS (SELECT FROM "event_detector_observability".invocations i WHERE i.id = j.invocation_id);
  DELETE FROM ONLY "event_detector_observability".events_default l WHERE l.timestamp < horizon;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.durations(kind text, since timestamp with time zone, until timestamp with time zone, step interval DEFAULT NULL::interval, by_name boolean DEFAULT false, name text DEFAULT NULL::text)
 RETURNS SETOF event_detector_observability.duration_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH counted AS MATERIALIZED (
    SELECT date_trunc('hour', since + interval '1 hour' - interval '1 microsecond', 'UTC') AS low,
      least(date_trunc('hour', until, 'UTC'), s.live_from) AS high,
      step IS NULL OR mod(extract(epoch FROM step), 3600) = 0 AS whole_hours
    FROM "event_detector_observability".maintenance_state s
  ),
  -- [low, high) is read from totals, the rest of [since, until) from rows.
  bounds AS MATERIALIZED (
    SELECT CASE WHEN whole_hours AND low < high THEN low ELSE until END AS low,
      CASE WHEN whole_hours AND low < high THEN high ELSE until END AS high
    FROM counted
  ),
  parts (at, name, sum, max_ms, histogram) AS (
    SELECT m.hour_bucket, m.source_function, m.duration_sum_ms::numeric, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, "event_detector_observability".metrics_hourly m
    WHERE kind = 'function' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (durations.name IS NULL OR m.source_function = durations.name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), i.created_at, '2000-01-01 00:00:00+00'), i.source_function,
      sum(i.total_duration_ms), max(i.total_duration_ms), "event_detector_observability".histogram(i.total_duration_ms)
    FROM bounds b, "event_detector_observability".invocations i
    WHERE kind = 'function' AND (i.created_at >= since AND i.created_at < b.low OR i.created_at >= b.high AND i.created_at < until)
      AND (durations.name IS NULL OR i.source_function = durations.name)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.job_name, m.duration_sum_ms, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, "event_detector_observability".job_metrics_hourly m
    WHERE kind = 'job' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (durations.name IS NULL OR m.job_name = durations.name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), j.created_at, '2000-01-01 00:00:00+00'), j.job_name,
      sum(j.duration_ms), max(j.duration_ms), "event_detector_observability".histogram(j.duration_ms)
    FROM bounds b, "event_detector_observability".job_executions j
    WHERE kind = 'job' AND j.id >= "event_detector_observability".uuid_v7_at(since)
      AND (j.created_at >= since AND j.created_at < b.low OR j.created_at >= b.high AND j.created_at < until)
      AND (durations.name IS NULL OR j.job_name = durations.name)
    GROUP BY 1, 2
    UNION ALL
    -- Of modules the totals keep averages to a hundredth of a millisecond: times their number, the sum of whole milliseconds.
    SELECT m.hour_bucket, m.event_name, round(t.avg_ms * (SELECT sum(n) FROM unnest(t.histogram) n)), t.max_ms, t.histogram::bigint[]
    FROM bounds b, "event_detector_observability".event_metrics_hourly m, LATERAL (
      SELECT CASE kind WHEN 'detector' THEN m.avg_detection_ms ELSE m.avg_handler_ms END AS avg_ms,
        CASE kind WHEN 'detector' THEN m.max_detection_ms ELSE m.max_handler_ms END AS max_ms,
        CASE kind WHEN 'detector' THEN m.detection_histogram ELSE m.handler_histogram END AS histogram) t
    WHERE kind IN ('detector', 'handler') AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (durations.name IS NULL OR m.event_name = durations.name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), e.created_at, '2000-01-01 00:00:00+00'), e.event_name,
      sum(t.ms), max(t.ms), "event_detector_observability".histogram(t.ms)
    FROM bounds b, "event_detector_observability".event_executions e, LATERAL (
      SELECT CASE kind WHEN 'detector' THEN e.detection_duration_ms ELSE e.handler_duration_ms END AS ms) t
    WHERE kind IN ('detector', 'handler') AND e.id >= "event_detector_observability".uuid_v7_at(since)
      AND (e.created_at >= since AND e.created_at < b.low OR e.created_at >= b.high AND e.created_at < until)
      AND (durations.name IS NULL OR e.event_name = durations.name)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END AS bucket,
      CASE WHEN by_name THEN p.name END AS name, sum(p.sum) AS sum, max(p.max_ms) AS max_ms,
      "event_detector_observability".histogram_sum(p.histogram) AS histogram
    FROM parts p GROUP BY 1, 2
  )
  SELECT p.bucket, p.name, t.measured, p.sum::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least("event_detector_observability".histogram_percentile(p.histogram, 0.5), p.max_ms), least("event_detector_observability".histogram_percentile(p.histogram, 0.95), p.max_ms),
    least("event_detector_observability".histogram_percentile(p.histogram, 0.99), p.max_ms), p.max_ms, p.histogram
  FROM points p, LATERAL (SELECT coalesce(sum(n), 0)::bigint AS measured FROM unnest(p.histogram) n) t
  WHERE t.measured > 0
  ORDER BY p.bucket, p.sum DESC, p.name
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.ensure_event_days(keep interval)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  day date;
  made integer := 0;
BEGIN
  FOR day IN
    SELECT DISTINCT (e."timestamp" AT TIME ZONE 'UTC')::date FROM ONLY "event_detector_observability".events_default e
    WHERE e."timestamp" >= date_trunc('day', now() - keep, 'UTC') + interval '1 day' AND e."timestamp" < now() + interval '7 days'
  LOOP
    made := made + "event_detector_observability".ensure_partitions(day, day);
  END LOOP;
  RETURN made;
END
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

CREATE OR REPLACE FUNCTION event_detector_observability.error_pattern(message text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  SELECT left(btrim(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(message, 2000),
      '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '<id>', 'gi'),
      '[[:alnum:]_.+-]+@[[:alnum:]-]+(\.[[:alnum:]-]+)+', '<email>', 'g'),
      '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?', '<time>', 'g'),
      '\m(0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\M', '<hex>', 'gi'),
      '\d+(\.\d+)*', '<n>', 'g'),
      '\s+', ' ', 'g')), 300)
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.event_counts(since timestamp with time zone, until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, step interval DEFAULT '01:00:00'::interval, by_columns text[] DEFAULT '{event_type}'::text[], type text DEFAULT NULL::text, service text DEFAULT NULL::text)
 RETURNS SETOF event_detector_observability.event_count_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH state AS (SELECT s.live_from FROM "event_detector_observability".maintenance_state s),
  bounds AS (
    SELECT date_trunc('hour', since, 'UTC') AS first,
      CASE WHEN until = 'infinity' THEN until
        ELSE date_trunc('hour', until - interval '1 microsecond', 'UTC') + interval '1 hour' END AS last
  ),
  counted AS (
    SELECT c.hour_bucket, c.event_type, c.ns, c.service_name, c.outcome, c.log_level, c.total, c.durations, c.duration_sum_ms,
      c.duration_max_ms, c.last_at
    FROM "event_detector_observability".event_counts_hourly c
    WHERE c.hour_bucket >= (SELECT first FROM bounds) AND c.hour_bucket < (SELECT last FROM bounds)
      AND c.hour_bucket < (SELECT live_from FROM state)
      AND (type IS NULL OR c.event_type = type) AND (service IS NULL OR c.service_name = service)
    UNION ALL
    SELECT date_trunc('hour', e."timestamp", 'UTC'), e.event_type, e.ns, e.service_name, e.outcome, e.log_level, count(*),
      count(e.duration_ms), sum(e.duration_ms), max(e.duration_ms), max(e."timestamp")
    FROM "event_detector_observability".events e
    WHERE e."timestamp" >= (SELECT greatest(b.first, s.live_from) FROM bounds b, state s)
      AND e."timestamp" < (SELECT last FROM bounds)
      AND (type IS NULL OR e.event_type = type) AND (service IS NULL OR e.service_name = service)
    GROUP BY 1, 2, 3, 4, 5, 6
  )
  SELECT CASE WHEN step IS NULL THEN NULL ELSE date_bin(step, n.hour_bucket, '2000-01-01 00:00:00+00') END,
    CASE WHEN 'event_type' = ANY (by_columns) THEN n.event_type END, CASE WHEN 'ns' = ANY (by_columns) THEN n.ns END,
    CASE WHEN 'service_name' = ANY (by_columns) THEN n.service_name END,
    CASE WHEN 'outcome' = ANY (by_columns) THEN n.outcome END, CASE WHEN 'log_level' = ANY (by_columns) THEN n.log_level END,
    sum(n.total)::bigint,
    coalesce(sum(n.total) FILTER (WHERE n.outcome = 'error' OR n.log_level IN ('error', 'fatal')), 0)::bigint,
    sum(n.duration_sum_ms) / nullif(sum(n.durations), 0)::double precision, max(n.duration_max_ms), max(n.last_at)
  FROM counted n
  GROUP BY 1, 2, 3, 4, 5, 6
  ORDER BY 1, 2, 3, 4, 5, 6
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.event_volume(since timestamp with time zone, until timestamp with time zone, step interval DEFAULT NULL::interval, by_service boolean DEFAULT false, by_level boolean DEFAULT false, type text DEFAULT NULL::text)
 RETURNS SETOF event_detector_observability.event_volume_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH counted AS MATERIALIZED (
    SELECT date_trunc('hour', since + interval '1 hour' - interval '1 microsecond', 'UTC') AS low,
      least(date_trunc('hour', until, 'UTC'), s.live_from) AS high,
      step IS NULL OR mod(extract(epoch FROM step), 3600) = 0 AS whole_hours
    FROM "event_detector_observability".maintenance_state s
  ),
  -- [low, high) is read from counts, the rest of [since, until) from the events.
  bounds AS MATERIALIZED (
    SELECT CASE WHEN whole_hours AND low < high THEN low ELSE until END AS low,
      CASE WHEN whole_hours AND low < high THEN high ELSE until END AS high
    FROM counted
  ),
  parts (at, event_type, service_name, log_level, n) AS (
    SELECT c.hour_bucket, c.event_type, c.service_name, c.log_level, c.total
    FROM bounds b, "event_detector_observability".event_counts_hourly c
    WHERE c.hour_bucket >= b.low AND c.hour_bucket < b.high AND (type IS NULL OR c.event_type = type)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), e.timestamp, '2000-01-01 00:00:00+00'), e.event_type, e.service_name, e.log_level, count(*)
    FROM "event_detector_observability".events e
    WHERE (e.timestamp >= since AND e.timestamp < (SELECT low FROM bounds)
        OR e.timestamp >= (SELECT high FROM bounds) AND e.timestamp < until)
      AND e.timestamp >= since AND e.timestamp < until AND (type IS NULL OR e.event_type = type)
    GROUP BY 1, 2, 3, 4
  )
  SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END, p.event_type,
    CASE WHEN by_service THEN p.service_name END, CASE WHEN by_level THEN p.log_level END, sum(p.n)::bigint
  FROM parts p
  GROUP BY 1, 2, 3, 4
  ORDER BY 1, 5 DESC, 2, 3, 4
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.execution_map(since timestamp with time zone, until timestamp with time zone, max_invocations integer DEFAULT 20000)
 RETURNS SETOF event_detector_observability.execution_map_edges
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH seen AS MATERIALIZED (
    SELECT w.id, w.created_at, w.source_table, w.source_function, w.source_job_id, w.source_event_time, w.status, w.total_duration_ms
    FROM "event_detector_observability".invocations w
    WHERE w.created_at >= since AND w.created_at < until
    ORDER BY w.created_at DESC
    LIMIT max_invocations
  ),
  -- Ids are times: of older partitions none is opened.
  first AS MATERIALIZED (SELECT "event_detector_observability".uuid_v7_at(min(s.created_at) - interval '1 minute') AS id FROM seen s),
  events AS MATERIALIZED (
    SELECT e.id, e.event_name, e.detected, e.status, e.detection_duration_ms, s.source_function
    FROM seen s JOIN "event_detector_observability".event_executions e ON e.invocation_id = s.id
    WHERE e.id >= (SELECT f.id FROM first f)
  ),
  steps (from_kind, from_name, to_kind, to_name, is_call, is_failed, ms) AS (
    SELECT 'table', s.source_table, 'function', s.source_function, true, s.status IN ('failed', 'timeout', 'lost'),
      s.total_duration_ms::double precision
    FROM seen s WHERE s.source_table IS NOT NULL
    UNION ALL
    SELECT 'function', e.source_function, 'module', e.event_name, e.detected OR e.status = 'detection_failed',
      e.status IN ('detection_failed', 'handler_failed', 'lost'), e.detection_duration_ms
    FROM events e
    UNION ALL
    SELECT 'module', e.event_name, 'job', j.job_name, true, j.status IN ('failed', 'timeout', 'lost'), j.duration_ms
    FROM events e JOIN "event_detector_observability".job_executions j ON j.event_execution_id = e.id
    WHERE e.detected AND j.id >= (SELECT f.id FROM first f)
    UNION ALL
    SELECT 'job', j.job_name, 'table', s.source_table, true, s.status IN ('failed', 'timeout', 'lost'),
      extract(epoch FROM s.created_at - s.source_event_time) * 1000
    FROM seen s JOIN "event_detector_observability".job_executions j ON j.id = s.source_job_id
    WHERE s.source_table IS NOT NULL
  )
  SELECT t.from_kind, t.from_name, t.to_kind, t.to_name, count(*), count(*) FILTER (WHERE t.is_call),
    count(*) FILTER (WHERE t.is_failed), avg(t.ms) FILTER (WHERE t.is_call),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.is_call)
  FROM steps t
  GROUP BY 1, 2, 3, 4
  ORDER BY 6 DESC, 1, 2, 3, 4
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.histogram_add(state bigint[], ms integer)
 RETURNS bigint[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
DECLARE
  bucket integer := CASE WHEN ms < 1 THEN 1
    ELSE least(97, 2 + floor(4 * ln(ms::double precision) / ln(2::double precision) + 1e-9)::integer) END;
BEGIN
  IF bucket > cardinality(state) THEN state := state || array_fill(0::bigint, ARRAY[bucket - cardinality(state)]); END IF;
  state[bucket] := state[bucket] + 1;
  RETURN state;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.histogram_merge(a bigint[], b bigint[])
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  SELECT coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY n), '{}')
  FROM unnest(a, b) WITH ORDINALITY AS merged (x, y, n)
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.histogram_percentile(buckets bigint[], p double precision)
 RETURNS double precision
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
DECLARE
  total double precision := (SELECT sum(n) FROM unnest(buckets) n);
  rank double precision := least(greatest(p, 0), 1) * total;
  before double precision := 0;
BEGIN
  IF total IS NULL OR total = 0 THEN RETURN NULL; END IF;
  FOR bucket IN 1 .. cardinality(buckets) LOOP
    IF buckets[bucket] > 0 AND before + buckets[bucket] >= rank THEN
      IF bucket = 1 THEN RETURN 0; END IF;
      RETURN power(2, (bucket - 2 + (rank - before) / buckets[bucket]) / 4);
    END IF;
    before := before + buckets[bucket];
  END LOOP;
  RETURN NULL;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.invocation_ancestors(invocation_id uuid, max_invocations integer DEFAULT 10000)
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
  SELECT i.* FROM (SELECT id FROM ancestors LIMIT max_invocations) bounded JOIN "event_detector_observability".invocations i ON i.id = bounded.id
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.invocation_chain(root_id uuid, max_invocations integer DEFAULT 10000)
 RETURNS SETOF event_detector_observability.invocations
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH RECURSIVE chain (id) AS (
    SELECT root_id
    UNION
    SELECT child.id
    FROM chain
    JOIN "event_detector_observability".job_executions j ON j.invocation_id = chain.id
    JOIN "event_detector_observability".invocations child ON child.source_job_id = j.id
  )
  SELECT i.* FROM (SELECT id FROM chain LIMIT max_invocations) bounded JOIN "event_detector_observability".invocations i ON i.id = bounded.id
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.invocation_facets(since timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, filters jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF event_detector_observability.facet_counts
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH combinations AS MATERIALIZED (
    SELECT i.status, i.source_function, i.source_table, i.source_operation, count(*) AS n
    FROM "event_detector_observability".invocations i
    WHERE i.created_at >= since AND i.created_at < until
    GROUP BY 1, 2, 3, 4
  ),
  fits AS MATERIALIZED (
    SELECT c.*,
      filters -> 'status' IS NULL OR filters -> 'status' ? c.status AS by_status,
      filters -> 'source_function' IS NULL OR filters -> 'source_function' ? c.source_function AS by_function,
      filters -> 'source_table' IS NULL OR filters -> 'source_table' ? c.source_table AS by_table,
      filters -> 'source_operation' IS NULL OR filters -> 'source_operation' ? c.source_operation AS by_operation
    FROM combinations c
  )
  SELECT facet, value, sum(n)::bigint
  FROM (
    SELECT 'status' AS facet, status AS value, n FROM fits WHERE by_function AND by_table AND by_operation
    UNION ALL SELECT 'source_function', source_function, n FROM fits WHERE by_status AND by_table AND by_operation
    UNION ALL SELECT 'source_table', source_table, n FROM fits WHERE by_status AND by_function AND by_operation
    UNION ALL SELECT 'source_operation', source_operation, n FROM fits WHERE by_status AND by_function AND by_table
  ) t
  GROUP BY facet, value
  ORDER BY facet, sum(n) DESC, value
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.job_errors(since interval DEFAULT '24:00:00'::interval, job_name text DEFAULT NULL::text)
 RETURNS SETOF event_detector_observability.job_error_groups
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT left(md5(f.job_name || E'\n' || f.pattern), 16), f.job_name, f.pattern,
    (array_agg(f.error_message ORDER BY f.created_at DESC, f.id DESC))[1], count(*), count(DISTINCT f.invocation_id),
    min(f.created_at), max(f.created_at), (array_agg(f.id ORDER BY f.created_at DESC, f.id DESC))[1],
    (array_agg(f.invocation_id ORDER BY f.created_at DESC, f.id DESC))[1]
  FROM (
    SELECT j.*, coalesce("event_detector_observability".error_pattern(j.error_message), j.status) AS pattern
    FROM "event_detector_observability".job_executions j
    WHERE j.status IN ('failed', 'timeout', 'lost') AND j.created_at >= now() - since
      AND (job_errors.job_name IS NULL OR j.job_name = job_errors.job_name)
  ) f
  GROUP BY f.job_name, f.pattern
  ORDER BY count(*) DESC, max(f.created_at) DESC
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.keep_later_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RETURN NULL;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.last_job_runs(since timestamp with time zone, until timestamp with time zone, max_runs integer DEFAULT 30)
 RETURNS SETOF event_detector_observability.last_job_runs_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT t.name, last.run_at, coalesce(last.runs, '[]')
  FROM "event_detector_observability".window_totals('job', since, until, NULL, true) t, LATERAL (
    SELECT max(j.created_at) AS run_at, jsonb_agg(jsonb_build_object('id', j.id, 'invocation_id', j.invocation_id,
      'status', j.status, 'created_at', j.created_at, 'duration_ms', j.duration_ms) ORDER BY j.id) AS runs
    FROM (
      SELECT r.* FROM "event_detector_observability".job_executions r
      WHERE r.job_name = t.name AND r.id >= "event_detector_observability".uuid_v7_at(since) AND r.created_at >= since AND r.created_at < until
      ORDER BY r.id DESC LIMIT least(max_runs, 100)
    ) j
  ) last
  ORDER BY t.name
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.live_event_rates(seconds integer DEFAULT 300)
 RETURNS SETOF event_detector_observability.live_event_rates_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT e.event_type, e.ns, e.service_name, count(*),
    count(*) FILTER (WHERE e.outcome = 'error' OR e.log_level IN ('error', 'fatal')),
    count(*)::double precision / greatest(1, least(seconds, 300)),
    avg(e.duration_ms)::double precision,
    (percentile_cont(0.95) WITHIN GROUP (ORDER BY e.duration_ms))::double precision,
    max(e."timestamp")
  FROM "event_detector_observability".events e
  WHERE e."timestamp" > now() - make_interval(secs => least(seconds, 300)) AND e."timestamp" <= now()
  GROUP BY e.event_type, e.ns, e.service_name
  ORDER BY count(*) DESC, e.event_type, e.ns, e.service_name
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.live_events(seconds integer DEFAULT 300)
 RETURNS SETOF event_detector_observability.events
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT e.* FROM "event_detector_observability".events e
  WHERE e."timestamp" > now() - make_interval(secs => least(seconds, 300)) AND e."timestamp" <= now()
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.log_levels(since timestamp with time zone, until timestamp with time zone, step interval, filters jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF event_detector_observability.log_count_rows
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET plan_cache_mode TO 'force_custom_plan'
 SET work_mem TO '32MB'
AS $function$
BEGIN
  IF filters - 'level' = '{}' THEN
    RETURN QUERY
      SELECT v.bucket, 'level', coalesce(lower(v.log_level), 'none'), sum(v.events)::bigint
      FROM "event_detector_observability".event_volume(since, until, step, false, true, 'log') v GROUP BY 1, 3 ORDER BY 1, 3;
  ELSE
    RETURN QUERY
      SELECT date_bin(step, l.timestamp, '2000-01-01 00:00:00+00'), 'level', coalesce(lower(l.log_level), 'none'), count(*)
      FROM "event_detector_observability".search_logs(since, until, filters - 'level') l GROUP BY 1, 3 ORDER BY 1, 3;
  END IF;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.log_sources(since timestamp with time zone, until timestamp with time zone, filters jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF event_detector_observability.log_count_rows
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
BEGIN
  RETURN QUERY
    WITH pairs AS MATERIALIZED (
      SELECT l.service_name AS service, l.log_logger AS job, count(*) AS n
      FROM "event_detector_observability".search_logs(since, until, filters - 'service' - 'job') l
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
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.mark_lost(older_than interval DEFAULT '00:02:00'::interval)
 RETURNS TABLE(invocations bigint, event_executions bigint, job_executions bigint)
 LANGUAGE sql
AS $function$
  WITH gone AS MATERIALIZED (
    SELECT i.id
    FROM (
      SELECT r.id FROM "event_detector_observability".invocations r WHERE r.status = 'running'
      UNION
      SELECT e.invocation_id FROM "event_detector_observability".event_executions e WHERE e.status IN ('detecting', 'handling')
      UNION
      SELECT j.invocation_id FROM "event_detector_observability".job_executions j WHERE j.status = 'running'
    ) running
    JOIN "event_detector_observability".invocations i ON i.id = running.id
    LEFT JOIN "event_detector_observability".instances n ON n.id = i.instance_id
    WHERE n.ended_at IS NOT NULL
       OR n.heartbeat_at < now() - older_than
       -- Its instance has not registered yet, or never could.
       OR (n.id IS NULL AND i.instance_id IS NOT NULL AND i.updated_at < now() - older_than)
       -- Nobody can tell for rows without instance; after a day nothing of them runs.
       OR (i.instance_id IS NULL AND i.updated_at < now() - greatest(older_than, interval '1 day'))
  ), lost_invocations AS (
    UPDATE "event_detector_observability".invocations i SET status = 'lost', updated_at = i.updated_at + interval '1 microsecond'
    FROM gone WHERE i.id = gone.id AND i.status = 'running' RETURNING 1
  ), lost_events AS (
    UPDATE "event_detector_observability".event_executions e SET status = 'lost', updated_at = e.updated_at + interval '1 microsecond'
    FROM gone WHERE e.invocation_id = gone.id AND e.status IN ('detecting', 'handling') RETURNING 1
  ), lost_jobs AS (
    UPDATE "event_detector_observability".job_executions j SET status = 'lost', updated_at = j.updated_at + interval '1 microsecond'
    FROM gone WHERE j.invocation_id = gone.id AND j.status = 'running' RETURNING 1
  )
  SELECT (SELECT count(*) FROM lost_invocations), (SELECT count(*) FROM lost_events), (SELECT count(*) FROM lost_jobs)
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.module_columns(since timestamp with time zone, until timestamp with time zone, event_name text)
 RETURNS SETOF event_detector_observability.module_columns_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT c.column_read, count(*), v.looked_at, v.recorded
  FROM (
    SELECT n.columns_read, count(*) OVER () AS looked_at, count(n.columns_read) OVER () AS recorded
    FROM (
      SELECT CASE WHEN jsonb_typeof(e.columns_read) = 'array' THEN e.columns_read END AS columns_read FROM "event_detector_observability".event_executions e
      WHERE e.event_name = module_columns.event_name AND e.id >= "event_detector_observability".uuid_v7_at(since)
        AND e.created_at >= since AND e.created_at < until AND e.status <> 'detecting'
      ORDER BY e.id DESC LIMIT 100000
    ) n
  ) v, jsonb_array_elements_text(v.columns_read) c (column_read)
  GROUP BY c.column_read, v.looked_at, v.recorded
  ORDER BY count(*) DESC, c.column_read
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.module_jobs(since timestamp with time zone, until timestamp with time zone, job_name text DEFAULT NULL::text, event_name text DEFAULT NULL::text)
 RETURNS SETOF event_detector_observability.module_jobs_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT e.event_name, r.job_name, i.source_function, count(*), count(*) FILTER (WHERE r.status IN ('failed', 'timeout', 'lost')),
    max(r.created_at), (array_agg(r.id ORDER BY r.id DESC))[1], (array_agg(r.invocation_id ORDER BY r.id DESC))[1]
  FROM (
    (SELECT j.id, j.created_at, j.invocation_id, j.event_execution_id, j.job_name, j.status
     FROM "event_detector_observability".job_executions j
     WHERE module_jobs.job_name IS NOT NULL AND j.job_name = module_jobs.job_name
       AND j.id >= "event_detector_observability".uuid_v7_at(since) AND j.created_at >= since AND j.created_at < until
     ORDER BY j.id DESC LIMIT 100000)
    UNION ALL
    (SELECT j.id, j.created_at, j.invocation_id, j.event_execution_id, j.job_name, j.status
     FROM "event_detector_observability".event_executions d JOIN "event_detector_observability".job_executions j ON j.event_execution_id = d.id
     WHERE module_jobs.job_name IS NULL AND d.detected AND d.event_name = module_jobs.event_name
       -- A job may run long after its module was asked, not before.
       AND d.id >= "event_detector_observability".uuid_v7_at(since - interval '1 day') AND d.created_at < until
       AND j.created_at >= since AND j.created_at < until
     ORDER BY j.id DESC LIMIT 100000)
  ) r
  JOIN "event_detector_observability".event_executions e ON e.id = r.event_execution_id
  JOIN "event_detector_observability".invocations i ON i.id = r.invocation_id
  WHERE module_jobs.event_name IS NULL OR e.event_name = module_jobs.event_name
  GROUP BY e.event_name, r.job_name, i.source_function
  ORDER BY count(*) DESC, e.event_name, r.job_name, i.source_function
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.module_reasons(since timestamp with time zone, until timestamp with time zone, event_name text)
 RETURNS SETOF event_detector_observability.module_reasons_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT r.pattern, r.failed, count(*), r.looked_at, (array_agg(r.reason ORDER BY r.id DESC))[1], min(r.created_at),
    max(r.created_at), (array_agg(r.id ORDER BY r.id DESC))[1], (array_agg(r.invocation_id ORDER BY r.id DESC))[1]
  FROM (
    SELECT v.*, "event_detector_observability".error_pattern(v.reason) AS pattern, count(*) OVER () AS looked_at
    FROM (
      SELECT e.id, e.invocation_id, e.created_at, e.detected, e.status = 'detection_failed' AS failed,
        coalesce(e.not_detected_reason, e.detection_error) AS reason
      FROM "event_detector_observability".event_executions e
      WHERE e.event_name = module_reasons.event_name AND e.id >= "event_detector_observability".uuid_v7_at(since)
        AND e.created_at >= since AND e.created_at < until AND e.status <> 'detecting'
      ORDER BY e.id DESC LIMIT 100000
    ) v
  ) r
  WHERE NOT r.detected
  GROUP BY r.pattern, r.failed, r.looked_at
  ORDER BY count(*) DESC, max(r.created_at) DESC, r.pattern
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.module_statistics(since interval DEFAULT '7 days'::interval)
 RETURNS SETOF event_detector_observability.module_statistics_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH bounds AS MATERIALIZED (
    SELECT date_trunc('hour', now() - since, 'UTC') AS low, s.live_from,
      greatest(date_trunc('hour', now() - since, 'UTC'), s.live_from) AS live_low
    FROM "event_detector_observability".maintenance_state s
  ),
  hours (hour, event_name, asked, detected, failed) AS (
    SELECT m.hour_bucket, m.event_name, m.total_asked::bigint, m.total_detected::bigint, m.failed_events::bigint
    FROM bounds b, "event_detector_observability".event_metrics_hourly m WHERE m.hour_bucket >= b.low AND m.hour_bucket < b.live_from
    UNION ALL
    SELECT date_trunc('hour', e.created_at, 'UTC'), e.event_name, count(*), count(*) FILTER (WHERE e.detected),
      count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost'))
    FROM bounds b, "event_detector_observability".event_executions e WHERE e.id >= "event_detector_observability".uuid_v7_at(b.live_low)
    GROUP BY 1, 2
  )
  SELECT h.event_name, sum(h.asked)::bigint, sum(h.detected)::bigint, sum(h.failed)::bigint,
    round(100.0 * sum(h.detected) / nullif(sum(h.asked), 0), 2), max(h.hour), max(h.hour) FILTER (WHERE h.detected > 0)
  FROM hours h GROUP BY h.event_name
  ORDER BY sum(h.asked) DESC, h.event_name
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.module_totals(since timestamp with time zone, until timestamp with time zone, step interval DEFAULT NULL::interval, event_name text DEFAULT NULL::text)
 RETURNS SETOF event_detector_observability.module_totals_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH counted AS MATERIALIZED (
    SELECT date_trunc('hour', since + interval '1 hour' - interval '1 microsecond', 'UTC') AS low,
      least(date_trunc('hour', until, 'UTC'), s.live_from) AS high,
      step IS NULL OR mod(extract(epoch FROM step), 3600) = 0 AS whole_hours
    FROM "event_detector_observability".maintenance_state s
  ),
  -- [low, high) is read from totals, the rest of [since, until) from rows.
  bounds AS MATERIALIZED (
    SELECT CASE WHEN whole_hours AND low < high THEN low ELSE until END AS low,
      CASE WHEN whole_hours AND low < high THEN high ELSE until END AS high
    FROM counted
  ),
  parts (at, event_name, asked, detected, failed, jobs_run, jobs_failed, detection_sum, handler_sum, detection_max, handler_max,
    detection_histogram, handler_histogram) AS (
    SELECT m.hour_bucket, m.event_name, m.total_asked::bigint, m.total_detected::bigint, m.failed_events::bigint,
      m.total_jobs_run::bigint, m.total_jobs_failed::bigint,
      round(m.avg_detection_ms * (SELECT sum(n) FROM unnest(m.detection_histogram) n)),
      round(m.avg_handler_ms * (SELECT sum(n) FROM unnest(m.handler_histogram) n)),
      m.max_detection_ms, m.max_handler_ms, m.detection_histogram::bigint[], m.handler_histogram::bigint[]
    FROM bounds b, "event_detector_observability".event_metrics_hourly m
    WHERE m.hour_bucket >= b.low AND m.hour_bucket < b.high
      AND (module_totals.event_name IS NULL OR m.event_name = module_totals.event_name)
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), e.created_at, '2000-01-01 00:00:00+00'), e.event_name, count(*),
      count(*) FILTER (WHERE e.detected),
      count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost')),
      sum(e.jobs_count), sum(e.jobs_failed), sum(e.detection_duration_ms), sum(e.handler_duration_ms),
      max(e.detection_duration_ms), max(e.handler_duration_ms),
      "event_detector_observability".histogram(e.detection_duration_ms), "event_detector_observability".histogram(e.handler_duration_ms)
    FROM bounds b, "event_detector_observability".event_executions e
    WHERE e.id >= "event_detector_observability".uuid_v7_at(since)
      AND (e.created_at >= since AND e.created_at < b.low OR e.created_at >= b.high AND e.created_at < until)
      AND (module_totals.event_name IS NULL OR e.event_name = module_totals.event_name)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END AS bucket, p.event_name,
      sum(p.asked) AS asked, sum(p.detected) AS detected, sum(p.failed) AS failed, sum(p.jobs_run) AS jobs_run,
      sum(p.jobs_failed) AS jobs_failed, sum(p.detection_sum) AS detection_sum, sum(p.handler_sum) AS handler_sum,
      max(p.detection_max) AS detection_max, max(p.handler_max) AS handler_max,
      "event_detector_observability".histogram_sum(p.detection_histogram) AS detections, "event_detector_observability".histogram_sum(p.handler_histogram) AS handlers
    FROM parts p GROUP BY 1, 2
  )
  SELECT p.bucket, p.event_name, p.asked::bigint, p.detected::bigint, p.failed::bigint, p.jobs_run::bigint, p.jobs_failed::bigint,
    p.detection_sum::double precision, p.handler_sum::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least("event_detector_observability".histogram_percentile(p.detections, 0.95), p.detection_max), p.detection_max,
    least("event_detector_observability".histogram_percentile(p.handlers, 0.5), p.handler_max),
    least("event_detector_observability".histogram_percentile(p.handlers, 0.95), p.handler_max), p.handler_max
  FROM points p
  ORDER BY p.bucket, p.asked DESC, p.event_name
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.performance(kind text, since timestamp with time zone, until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, step interval DEFAULT '01:00:00'::interval, name text DEFAULT NULL::text, by_name boolean DEFAULT true)
 RETURNS SETOF event_detector_observability.performance_points
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH bounds AS MATERIALIZED (
    SELECT date_trunc('hour', since, 'UTC') AS low, until AS high, s.live_from,
      greatest(date_trunc('hour', since, 'UTC'), s.live_from) AS live_low
    FROM "event_detector_observability".maintenance_state s
  ),
  hours (hour, name, total, failed, duration_sum, max_ms, histogram) AS (
    SELECT m.hour_bucket, m.source_function, m.total_invocations::bigint, m.failed_invocations::bigint,
      m.duration_sum_ms::numeric, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, "event_detector_observability".metrics_hourly m
    WHERE kind = 'function' AND m.hour_bucket >= b.low AND m.hour_bucket < least(b.high, b.live_from)
      AND (performance.name IS NULL OR m.source_function = performance.name)
    UNION ALL
    SELECT date_trunc('hour', i.created_at, 'UTC'), i.source_function, count(*),
      count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')), sum(i.total_duration_ms), max(i.total_duration_ms),
      "event_detector_observability".histogram(i.total_duration_ms)
    FROM bounds b, "event_detector_observability".invocations i
    WHERE kind = 'function' AND i.created_at >= b.live_low AND i.created_at < b.high
      AND (performance.name IS NULL OR i.source_function = performance.name)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.job_name, m.total_runs, m.failed_runs, m.duration_sum_ms, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, "event_detector_observability".job_metrics_hourly m
    WHERE kind = 'job' AND m.hour_bucket >= b.low AND m.hour_bucket < least(b.high, b.live_from)
      AND (performance.name IS NULL OR m.job_name = performance.name)
    UNION ALL
    SELECT date_trunc('hour', j.created_at, 'UTC'), j.job_name, count(*),
      count(*) FILTER (WHERE j.status IN ('failed', 'timeout', 'lost')), sum(j.duration_ms), max(j.duration_ms),
      "event_detector_observability".histogram(j.duration_ms)
    FROM bounds b, "event_detector_observability".job_executions j
    WHERE kind = 'job' AND j.id >= "event_detector_observability".uuid_v7_at(b.live_low) AND j.created_at < b.high
      AND (performance.name IS NULL OR j.job_name = performance.name)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.event_name, m.total_detected, m.failed_events,
      m.avg_handler_ms * (SELECT sum(n) FROM unnest(m.handler_histogram) n), m.max_handler_ms, m.handler_histogram::bigint[]
    FROM bounds b, "event_detector_observability".event_metrics_hourly m
    WHERE kind = 'module' AND m.hour_bucket >= b.low AND m.hour_bucket < least(b.high, b.live_from)
      AND (performance.name IS NULL OR m.event_name = performance.name)
    UNION ALL
    SELECT date_trunc('hour', e.created_at, 'UTC'), e.event_name, count(*) FILTER (WHERE e.detected),
      count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost')), sum(e.handler_duration_ms),
      max(e.handler_duration_ms), "event_detector_observability".histogram(e.handler_duration_ms)
    FROM bounds b, "event_detector_observability".event_executions e
    WHERE kind = 'module' AND e.id >= "event_detector_observability".uuid_v7_at(b.live_low) AND e.created_at < b.high
      AND (performance.name IS NULL OR e.event_name = performance.name)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, h.hour, '2000-01-01 00:00:00+00') END AS bucket,
      CASE WHEN by_name THEN h.name END AS name, sum(h.total) AS total, sum(h.failed) AS failed,
      sum(h.duration_sum) AS duration_sum, max(h.max_ms) AS max_ms, "event_detector_observability".histogram_sum(h.histogram) AS histogram
    FROM hours h GROUP BY 1, 2
  )
  SELECT p.bucket, p.name, p.total::bigint, p.failed::bigint,
    (p.duration_sum / nullif((SELECT sum(n) FROM unnest(p.histogram) n), 0))::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least("event_detector_observability".histogram_percentile(p.histogram, 0.5), p.max_ms), least("event_detector_observability".histogram_percentile(p.histogram, 0.95), p.max_ms),
    least("event_detector_observability".histogram_percentile(p.histogram, 0.99), p.max_ms), p.max_ms
  FROM points p
  ORDER BY p.bucket, p.name
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.refresh_dashboard_stats()
 RETURNS void
 LANGUAGE sql
AS $function$ SELECT "event_detector_observability".roll_up() $function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.remove_orphans(everywhere boolean DEFAULT false)
 RETURNS TABLE(event_executions bigint, job_executions bigint, events bigint)
 LANGUAGE plpgsql
AS $function$
DECLARE
  part record;
  day timestamptz;
  low uuid;
  high uuid;
  -- What is being written now has its invocation in the same transaction or before it.
  settled uuid := "event_detector_observability".uuid_v7_at(now() - interval '1 hour');
  removed_events bigint;
  removed_jobs bigint;
  removed_logs bigint;
BEGIN
  event_executions := 0;
  job_executions := 0;
  events := 0;
  PERFORM pg_advisory_xact_lock(hashtextextended('event_detector_observability' || '.retention', 0));
  FOR part IN
    SELECT c.relname AS name, pg_stat_get_tuples_deleted(c.oid) AS deleted
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
    LEFT JOIN "event_detector_observability".partition_state s ON s.name = c.relname
    WHERE h.inhparent = to_regclass(format('%I.invocations', 'event_detector_observability'))
      AND (everywhere OR pg_stat_get_tuples_deleted(c.oid) <> coalesce(s.rows_deleted, 0))
  LOOP
    IF part.name ~ '_\d{8}$' THEN
      -- The work of an invocation lies on its day or, over midnight, on the next.
      day := to_date(right(part.name, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC';
      low := "event_detector_observability".uuid_v7_at(day);
      high := least(settled, "event_detector_observability".uuid_v7_at(day + interval '2 days'));
    ELSE
      -- Ids that callers chose say nothing about their time.
      low := '00000000-0000-0000-0000-000000000000';
      high := settled;
    END IF;
    WITH gone AS (
      DELETE FROM "event_detector_observability".job_executions j
      WHERE j.id >= low AND j.id < high AND NOT EXISTS (SELECT FROM "event_detector_observability".invocations i WHERE i.id = j.invocation_id)
      RETURNING j.created_at, j.trace_id, j.span_id
    ), logs AS (
      DELETE FROM "event_detector_observability".events l USING gone
      WHERE l.trace_id = gone.trace_id AND l.span_id = gone.span_id
        AND l.event_type = 'log' AND l.timestamp >= gone.created_at - interval '1 day'
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM logs) INTO removed_jobs, removed_logs;
    DELETE FROM "event_detector_observability".event_executions e
    WHERE e.id >= low AND e.id < high AND NOT EXISTS (SELECT FROM "event_detector_observability".invocations i WHERE i.id = e.invocation_id);
    GET DIAGNOSTICS removed_events = ROW_COUNT;
    event_executions := event_executions + removed_events;
    job_executions := job_executions + removed_jobs;
    events := events + removed_logs;
    INSERT INTO "event_detector_observability".partition_state AS s (name, rows_deleted) VALUES (part.name, part.deleted)
    ON CONFLICT (name) DO UPDATE SET rows_deleted = excluded.rows_deleted;
  END LOOP;
  RETURN NEXT;
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.repeating_chains(since timestamp with time zone, until timestamp with time zone, min_repeats integer DEFAULT 3)
 RETURNS SETOF event_detector_observability.repeating_chain_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH suspects AS MATERIALIZED (
    SELECT (array_agg(i.id ORDER BY i.created_at DESC, i.id DESC))[1] AS id, i.source_function, i.source_table, i.source_operation,
      i.source_record_id, i.changed_columns, max(i.created_at) AS last_at
    FROM (
      SELECT w.* FROM "event_detector_observability".invocations w WHERE w.created_at >= since AND w.created_at < until
      ORDER BY w.created_at DESC LIMIT 100000
    ) i
    WHERE i.source_record_id IS NOT NULL
    GROUP BY i.correlation_id, i.source_function, i.source_table, i.source_operation, i.source_record_id, i.changed_columns
    HAVING count(*) >= min_repeats AND bool_or(i.source_job_id IS NOT NULL)
    ORDER BY count(*) DESC, max(i.created_at) DESC
    LIMIT 50
  )
  SELECT way.root_id, s.id, s.source_function, s.source_table, s.source_operation, s.source_record_id, way.repeats::integer,
    way.depth::integer, s.last_at
  FROM suspects s, LATERAL (
    SELECT count(*) AS depth,
      (array_agg(a.id ORDER BY a.created_at, a.id))[1] AS root_id,
      count(*) FILTER (WHERE a.source_function = s.source_function AND a.source_operation IS NOT DISTINCT FROM s.source_operation
        AND a.source_table IS NOT DISTINCT FROM s.source_table AND a.source_record_id = s.source_record_id
        AND a.changed_columns IS NOT DISTINCT FROM s.changed_columns) AS repeats
    FROM "event_detector_observability".invocation_ancestors(s.id) a
  ) way
  WHERE way.repeats >= min_repeats
  ORDER BY way.repeats DESC, s.last_at DESC
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.roll_up(sweep boolean DEFAULT true)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  state "event_detector_observability".maintenance_state;
  recent_from timestamptz;
  hours timestamptz[];
  hour timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('event_detector_observability' || '.roll_up', 0));
  SELECT * INTO state FROM "event_detector_observability".maintenance_state;
  sweep := sweep OR state.swept_at = '-infinity';
  recent_from := date_trunc('hour', now(), 'UTC') - interval '1 hour';
  IF state.live_from > '-infinity' THEN recent_from := least(recent_from, state.live_from - interval '1 hour'); END IF;
  hours := ARRAY(
    SELECT date_trunc('hour', i.created_at, 'UTC') FROM "event_detector_observability".invocations i WHERE i.created_at >= recent_from
    UNION
    SELECT date_trunc('hour', e.created_at, 'UTC') FROM "event_detector_observability".event_executions e WHERE e.id >= "event_detector_observability".uuid_v7_at(recent_from)
    UNION
    SELECT date_trunc('hour', j.created_at, 'UTC') FROM "event_detector_observability".job_executions j WHERE j.id >= "event_detector_observability".uuid_v7_at(recent_from));
  IF sweep THEN hours := hours || ARRAY(SELECT "event_detector_observability".changed_hours()); END IF;
  hours := ARRAY(SELECT DISTINCT h FROM unnest(hours) h WHERE h >= state.frozen_before ORDER BY h);
  FOREACH hour IN ARRAY hours LOOP PERFORM "event_detector_observability".roll_up_hour(hour); END LOOP;
  PERFORM "event_detector_observability".roll_up_events(recent_from, state.frozen_before, sweep);
  UPDATE "event_detector_observability".maintenance_state SET
    -- What just ended may still be on its way from a buffer.
    live_from = date_trunc('hour', now() - interval '10 minutes', 'UTC'),
    swept_at = CASE WHEN sweep THEN now() ELSE swept_at END;
  RETURN cardinality(hours);
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.roll_up_events(recent_from timestamp with time zone, frozen_before timestamp with time zone, sweep boolean)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
DECLARE
  hours timestamptz[];
  hour timestamptz;
BEGIN
  IF recent_from > '-infinity' THEN
    hours := ARRAY(SELECT generate_series(recent_from, date_trunc('hour', now(), 'UTC'), interval '1 hour'));
  END IF;
  IF sweep THEN hours := hours || ARRAY(SELECT "event_detector_observability".changed_hours(ARRAY['events'], 'timestamp')); END IF;
  hours := ARRAY(SELECT DISTINCT h FROM unnest(hours) h WHERE h >= frozen_before ORDER BY h);
  FOREACH hour IN ARRAY hours LOOP PERFORM "event_detector_observability".count_events_hour(hour); END LOOP;
  RETURN cardinality(hours);
END
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.roll_up_hour(hour timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
  next_hour timestamptz := hour + interval '1 hour';
  low uuid := "event_detector_observability".uuid_v7_at(hour);
  high uuid := "event_detector_observability".uuid_v7_at(hour + interval '1 hour');
BEGIN
  INSERT INTO "event_detector_observability".metrics_hourly AS m (hour_bucket, source_function, total_invocations, total_events_detected,
    total_jobs_run, total_jobs_succeeded, total_jobs_failed, successful_invocations, failed_invocations, lost_invocations,
    inherited_invocations, avg_duration_ms, min_duration_ms, max_duration_ms, p95_duration_ms, duration_sum_ms,
    duration_histogram, top_detected_events, most_failed_jobs)
  SELECT hour, t.*, coalesce(detected.top, '[]'), coalesce(failed.top, '[]')
  FROM (
    SELECT i.source_function, count(*), sum(i.events_detected_count),
      sum(i.total_jobs_run), sum(i.total_jobs_succeeded), sum(i.total_jobs_failed),
      count(*) FILTER (WHERE i.status = 'completed'), count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')),
      count(*) FILTER (WHERE i.status = 'lost'), count(*) FILTER (WHERE i.correlation_source <> 'generated'),
      avg(i.total_duration_ms), min(i.total_duration_ms), max(i.total_duration_ms),
      percentile_cont(0.95) WITHIN GROUP (ORDER BY i.total_duration_ms), coalesce(sum(i.total_duration_ms), 0),
      "event_detector_observability".histogram(i.total_duration_ms)
    FROM "event_detector_observability".invocations i
    WHERE i.created_at >= hour AND i.created_at < next_hour
    GROUP BY i.source_function
  ) t
  LEFT JOIN (
    SELECT r.source_function, jsonb_agg(jsonb_build_object('event_name', r.event_name, 'count', r.n) ORDER BY r.place) AS top
    FROM (
      SELECT i.source_function, e.event_name, count(*) AS n,
        row_number() OVER (PARTITION BY i.source_function ORDER BY count(*) DESC, e.event_name) AS place
      FROM "event_detector_observability".event_executions e JOIN "event_detector_observability".invocations i ON i.id = e.invocation_id
      WHERE e.id >= low AND e.id < high AND e.detected AND i.created_at >= hour AND i.created_at < next_hour
      GROUP BY 1, 2
    ) r WHERE r.place <= 5 GROUP BY 1
  ) detected USING (source_function)
  LEFT JOIN (
    SELECT r.source_function, jsonb_agg(jsonb_build_object('job_name', r.job_name, 'count', r.n) ORDER BY r.place) AS top
    FROM (
      SELECT i.source_function, j.job_name, count(*) AS n,
        row_number() OVER (PARTITION BY i.source_function ORDER BY count(*) DESC, j.job_name) AS place
      FROM "event_detector_observability".job_executions j JOIN "event_detector_observability".invocations i ON i.id = j.invocation_id
      WHERE j.id >= low AND j.id < high AND j.status IN ('failed', 'timeout', 'lost')
        AND i.created_at >= hour AND i.created_at < next_hour
      GROUP BY 1, 2
    ) r WHERE r.place <= 5 GROUP BY 1
  ) failed USING (source_function)
  ON CONFLICT (hour_bucket, source_function) DO UPDATE SET
    total_invocations = excluded.total_invocations, total_events_detected = excluded.total_events_detected,
    total_jobs_run = excluded.total_jobs_run, total_jobs_succeeded = excluded.total_jobs_succeeded,
    total_jobs_failed = excluded.total_jobs_failed, successful_invocations = excluded.successful_invocations,
    failed_invocations = excluded.failed_invocations, lost_invocations = excluded.lost_invocations,
    inherited_invocations = excluded.inherited_invocations, avg_duration_ms = excluded.avg_duration_ms,
    min_duration_ms = excluded.min_duration_ms, max_duration_ms = excluded.max_duration_ms,
    p95_duration_ms = excluded.p95_duration_ms, duration_sum_ms = excluded.duration_sum_ms,
    duration_histogram = excluded.duration_histogram, top_detected_events = excluded.top_detected_events,
    most_failed_jobs = excluded.most_failed_jobs, updated_at = now();

  INSERT INTO "event_detector_observability".event_metrics_hourly (hour_bucket, event_name, total_asked, total_detected, failed_events,
    total_jobs_run, total_jobs_failed, avg_detection_ms, max_detection_ms, detection_histogram, avg_handler_ms,
    max_handler_ms, handler_histogram)
  SELECT hour, e.event_name, count(*), count(*) FILTER (WHERE e.detected),
    count(*) FILTER (WHERE e.status IN ('failed', 'detection_failed', 'handler_failed', 'lost')),
    sum(e.jobs_count), sum(e.jobs_failed), avg(e.detection_duration_ms), max(e.detection_duration_ms),
    "event_detector_observability".histogram(e.detection_duration_ms), avg(e.handler_duration_ms), max(e.handler_duration_ms),
    "event_detector_observability".histogram(e.handler_duration_ms)
  FROM "event_detector_observability".event_executions e
  WHERE e.id >= low AND e.id < high
  GROUP BY e.event_name
  ON CONFLICT (hour_bucket, event_name) DO UPDATE SET
    total_asked = excluded.total_asked, total_detected = excluded.total_detected, failed_events = excluded.failed_events,
    total_jobs_run = excluded.total_jobs_run, total_jobs_failed = excluded.total_jobs_failed,
    avg_detection_ms = excluded.avg_detection_ms, max_detection_ms = excluded.max_detection_ms,
    detection_histogram = excluded.detection_histogram, avg_handler_ms = excluded.avg_handler_ms,
    max_handler_ms = excluded.max_handler_ms, handler_histogram = excluded.handler_histogram, updated_at = now();

  INSERT INTO "event_detector_observability".job_metrics_hourly (hour_bucket, job_name, total_runs, successful_runs, failed_runs,
    avg_duration_ms, min_duration_ms, max_duration_ms, p95_duration_ms, duration_sum_ms, duration_histogram)
  SELECT hour, j.job_name, count(*), count(*) FILTER (WHERE j.status = 'completed'),
    count(*) FILTER (WHERE j.status IN ('failed', 'timeout', 'lost')), avg(j.duration_ms), min(j.duration_ms),
    max(j.duration_ms), percentile_cont(0.95) WITHIN GROUP (ORDER BY j.duration_ms), coalesce(sum(j.duration_ms), 0),
    "event_detector_observability".histogram(j.duration_ms)
  FROM "event_detector_observability".job_executions j
  WHERE j.id >= low AND j.id < high
  GROUP BY j.job_name
  ON CONFLICT (hour_bucket, job_name) DO UPDATE SET
    total_runs = excluded.total_runs, successful_runs = excluded.successful_runs, failed_runs = excluded.failed_runs,
    avg_duration_ms = excluded.avg_duration_ms, min_duration_ms = excluded.min_duration_ms,
    max_duration_ms = excluded.max_duration_ms, p95_duration_ms = excluded.p95_duration_ms,
    duration_sum_ms = excluded.duration_sum_ms, duration_histogram = excluded.duration_histogram, updated_at = now();

  INSERT INTO "event_detector_observability".metrics_snapshots (hour_bucket, total_invocations, failed_invocations, lost_invocations,
    inherited_invocations, total_events_asked, total_events_detected, total_jobs_run, total_jobs_failed,
    p50_duration_ms, p95_duration_ms, p99_duration_ms)
  SELECT hour, coalesce(f.total, 0), coalesce(f.failed, 0), coalesce(f.lost, 0), coalesce(f.inherited, 0),
    coalesce(e.asked, 0), coalesce(e.detected, 0), coalesce(j.runs, 0), coalesce(j.failed, 0),
    "event_detector_observability".histogram_percentile(f.durations, 0.5), "event_detector_observability".histogram_percentile(f.durations, 0.95),
    "event_detector_observability".histogram_percentile(f.durations, 0.99)
  FROM (SELECT sum(m.total_invocations) AS total, sum(m.failed_invocations) AS failed, sum(m.lost_invocations) AS lost,
          sum(m.inherited_invocations) AS inherited, "event_detector_observability".histogram_sum(m.duration_histogram) AS durations
        FROM "event_detector_observability".metrics_hourly m WHERE m.hour_bucket = hour) f,
       (SELECT sum(m.total_asked) AS asked, sum(m.total_detected) AS detected
        FROM "event_detector_observability".event_metrics_hourly m WHERE m.hour_bucket = hour) e,
       (SELECT sum(m.total_runs) AS runs, sum(m.failed_runs) AS failed
        FROM "event_detector_observability".job_metrics_hourly m WHERE m.hour_bucket = hour) j
  ON CONFLICT (hour_bucket) DO UPDATE SET
    total_invocations = excluded.total_invocations, failed_invocations = excluded.failed_invocations,
    lost_invocations = excluded.lost_invocations, inherited_invocations = excluded.inherited_invocations,
    total_events_asked = excluded.total_events_asked, total_events_detected = excluded.total_events_detected,
    total_jobs_run = excluded.total_jobs_run, total_jobs_failed = excluded.total_jobs_failed,
    p50_duration_ms = excluded.p50_duration_ms, p95_duration_ms = excluded.p95_duration_ms,
    p99_duration_ms = excluded.p99_duration_ms, updated_at = now();
END
$function$
;

CREATE OR REPLACE PROCEDURE event_detector_observability.run_maintenance(IN keep interval DEFAULT '30 days'::interval, IN keep_failed interval DEFAULT '90 days'::interval, IN lost_after interval DEFAULT '00:02:00'::interval, IN keep_metrics interval DEFAULT '400 days'::interval, INOUT report jsonb DEFAULT NULL::jsonb)
 LANGUAGE plpgsql
AS $procedure$
DECLARE
  lock bigint := hashtextextended('event_detector_observability' || '.run_maintenance', 0);
  today date := (now() AT TIME ZONE 'UTC')::date;
  started timestamptz := clock_timestamp();
  sweep boolean;
BEGIN
  report := '{}';
  IF NOT pg_try_advisory_xact_lock(lock) THEN
    report := '{"skipped": "another run is under way"}';
    RETURN;
  END IF;
  report := report || jsonb_build_object('partitions_made',
    "event_detector_observability".ensure_partitions(today - 1, today + 7) + "event_detector_observability".ensure_event_days(keep));
  COMMIT;

  -- The lock ended with the transaction. Should another run have come in between, it does the rest.
  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  report := report || (SELECT jsonb_build_object('lost', to_jsonb(l)) FROM "event_detector_observability".mark_lost(lost_after) l);
  COMMIT;

  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  report := report || (SELECT jsonb_build_object('orphans_removed', to_jsonb(o)) FROM "event_detector_observability".remove_orphans() o);
  COMMIT;

  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  sweep := (SELECT s.swept_at < now() - interval '1 hour' FROM "event_detector_observability".maintenance_state s);
  report := report || jsonb_build_object('hours_counted', "event_detector_observability".roll_up(sweep));
  DELETE FROM "event_detector_observability".metrics_hourly m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM "event_detector_observability".event_metrics_hourly m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM "event_detector_observability".job_metrics_hourly m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM "event_detector_observability".event_counts_hourly c WHERE c.hour_bucket < now() - keep_metrics;
  DELETE FROM "event_detector_observability".metrics_snapshots m WHERE m.hour_bucket < now() - keep_metrics;
  DELETE FROM "event_detector_observability".instances n WHERE coalesce(n.ended_at, n.heartbeat_at) < now() - greatest(keep, keep_failed);
  COMMIT;

  IF NOT pg_try_advisory_xact_lock(lock) THEN RETURN; END IF;
  report := report || (SELECT jsonb_build_object('partitions_dropped', d.dropped, 'partitions_thinned', d.thinned)
    FROM "event_detector_observability".drop_expired_partitions(keep, keep_failed) d);
  report := report || (SELECT jsonb_build_object('default_partition_rows', jsonb_object_agg(d.table_name, d.row_count))
    FROM "event_detector_observability".default_partition_rows() d);
  report := report || jsonb_build_object('duration_ms', round(1000 * extract(epoch FROM clock_timestamp() - started)));
  UPDATE "event_detector_observability".maintenance_state SET last_run_at = clock_timestamp(), last_report = report;
END
$procedure$
;

CREATE OR REPLACE FUNCTION event_detector_observability.search_invocations(term text)
 RETURNS SETOF event_detector_observability.invocations
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH asked AS MATERIALIZED (
    SELECT
      CASE WHEN trimmed ~* '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$' THEN trimmed::uuid END AS uuid,
      CASE WHEN trimmed ~* '^[0-9a-f]{32}$' THEN lower(trimmed) END AS trace,
      CASE WHEN trimmed ~ '^[^:]+:.+$' THEN split_part(trimmed, ':', 1) END AS in_table,
      CASE WHEN trimmed ~ '^[^:]+:.+$' THEN substr(trimmed, strpos(trimmed, ':') + 1) ELSE trimmed END AS record
    FROM (SELECT btrim(term) AS trimmed) t
  )
  SELECT i.* FROM "event_detector_observability".invocations i
  WHERE i.id = ANY (ARRAY(
    SELECT f.id FROM asked a JOIN "event_detector_observability".invocations f ON f.id = a.uuid
    UNION SELECT f.id FROM asked a JOIN "event_detector_observability".invocations f ON f.correlation_id = a.uuid
    UNION SELECT f.id FROM asked a JOIN "event_detector_observability".invocations f ON f.source_event_id = a.uuid
    UNION SELECT j.invocation_id FROM asked a JOIN "event_detector_observability".job_executions j ON j.id = a.uuid
    UNION SELECT e.invocation_id FROM asked a JOIN "event_detector_observability".event_executions e ON e.id = a.uuid
    UNION SELECT f.id FROM asked a JOIN "event_detector_observability".invocations f ON f.trace_id = a.trace
    UNION SELECT f.id FROM asked a JOIN "event_detector_observability".invocations f ON f.source_record_id = a.record
      AND (a.in_table IS NULL OR f.source_table = a.in_table OR right(f.source_table, length(a.in_table) + 1) = '.' || a.in_table)
  ))
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.search_logs(since timestamp with time zone, until timestamp with time zone, filters jsonb DEFAULT '{}'::jsonb)
 RETURNS SETOF event_detector_observability.events
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT l.* FROM "event_detector_observability".events l
  WHERE l.event_type = 'log' AND l.timestamp >= since AND l.timestamp < until
    AND (filters -> 'level' IS NULL OR coalesce(lower(l.log_level), 'none') = ANY ("event_detector_observability".text_list(filters -> 'level')))
    AND (filters -> 'service' IS NULL OR l.service_name = ANY ("event_detector_observability".text_list(filters -> 'service')))
    AND (filters -> 'job' IS NULL OR l.log_logger = ANY ("event_detector_observability".text_list(filters -> 'job')))
    AND (filters -> 'trace' IS NULL OR l.trace_id = ANY ("event_detector_observability".text_list(filters -> 'trace')))
    AND (filters -> 'correlation' IS NULL OR l.correlation_id = ANY ("event_detector_observability".text_list(filters -> 'correlation')))
    AND (filters #> '{like,level}' IS NULL OR coalesce(lower(l.log_level), 'none') LIKE ANY ("event_detector_observability".text_list(filters #> '{like,level}')))
    AND (filters #> '{like,service}' IS NULL OR l.service_name LIKE ANY ("event_detector_observability".text_list(filters #> '{like,service}')))
    AND (filters #> '{like,job}' IS NULL OR l.log_logger LIKE ANY ("event_detector_observability".text_list(filters #> '{like,job}')))
    AND (filters #> '{like,text}' IS NULL OR l.log_message ILIKE ALL ("event_detector_observability".text_list(filters #> '{like,text}')))
    AND (filters #> '{unlike,level}' IS NULL OR coalesce(lower(l.log_level), 'none') NOT LIKE ALL ("event_detector_observability".text_list(filters #> '{unlike,level}')))
    AND (filters #> '{unlike,service}' IS NULL OR coalesce(l.service_name, '') NOT LIKE ALL ("event_detector_observability".text_list(filters #> '{unlike,service}')))
    AND (filters #> '{unlike,job}' IS NULL OR coalesce(l.log_logger, '') NOT LIKE ALL ("event_detector_observability".text_list(filters #> '{unlike,job}')))
    AND (filters #> '{unlike,text}' IS NULL OR coalesce(l.log_message, '') NOT ILIKE ALL ("event_detector_observability".text_list(filters #> '{unlike,text}')))
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.text_list(list jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  SELECT ARRAY(SELECT jsonb_array_elements_text(list))
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.trace_waterfall(trace_id text)
 RETURNS SETOF event_detector_observability.spans
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT s.* FROM "event_detector_observability".spans s
  WHERE s.kind <> 'trace' AND s.invocation_id = ANY (ARRAY(
    SELECT i.id FROM "event_detector_observability".invocations i WHERE i.trace_id = trace_waterfall.trace_id))
  UNION ALL
  SELECT s.* FROM "event_detector_observability".spans s WHERE s.kind = 'trace' AND s.trace_id = trace_waterfall.trace_id
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.uuid_v7_at(instant timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ((lpad(to_hex((floor((EXTRACT(epoch FROM instant) * (1000)::numeric)))::bigint), 12, '0'::text) || repeat('0'::text, 20)))::uuid
;

CREATE OR REPLACE FUNCTION event_detector_observability.waterfall_columns(root_id uuid DEFAULT NULL::uuid, trace_id text DEFAULT NULL::text, skip integer DEFAULT 0, size integer DEFAULT 50000, max_invocations integer DEFAULT 10000)
 RETURNS SETOF event_detector_observability.span_columns
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH asked AS NOT MATERIALIZED (
    SELECT * FROM "event_detector_observability".chain_waterfall(waterfall_columns.root_id, waterfall_columns.max_invocations)
    WHERE waterfall_columns.root_id IS NOT NULL
    UNION ALL
    SELECT * FROM "event_detector_observability".trace_waterfall(waterfall_columns.trace_id) WHERE waterfall_columns.trace_id IS NOT NULL
  ),
  -- Without the milliseconds, so that every page of a chain counts from the same instant.
  origin AS (
    SELECT coalesce((SELECT date_trunc('second', i.created_at) FROM "event_detector_observability".invocations i WHERE i.id = waterfall_columns.root_id),
      '2000-01-01 00:00:00+00'::timestamptz) AS at
  )
  SELECT
    count(*)::integer,
    (extract(epoch FROM o.at) * 1000000)::bigint,
    string_agg(CASE p.kind WHEN 'invocation' THEN 'i' WHEN 'job' THEN 'j' WHEN 'trace' THEN 's'
      ELSE CASE WHEN p.status IN ('not_detected', 'detecting') THEN 'u' ELSE 'e' END END, ''),
    string_agg(CASE
      WHEN p.status IN ('failed', 'timeout', 'detection_failed', 'handler_failed', 'error', 'failure') THEN 'f'
      WHEN p.status IN ('running', 'detecting', 'handling') THEN 'r'
      WHEN p.status = 'lost' THEN 'l'
      WHEN p.status = 'not_detected' THEN 'q'
      WHEN p.kind = 'invocation' AND p.jobs_failed > 0 THEN 'w'
      ELSE 'o' END, ''),
    string_agg(translate(p.id, E'\n', ' '), E'\n'),
    string_agg(coalesce(CASE p.kind
      WHEN 'invocation' THEN coalesce(p.source_job_id::text, 'span:' || p.parent_span_id)
      WHEN 'detection' THEN p.invocation_id::text
      WHEN 'job' THEN p.event_execution_id::text
      ELSE 'span:' || p.parent_span_id END, ''), E'\n'),
    string_agg(CASE WHEN p.kind = 'trace' THEN coalesce(p.span_id, '') ELSE '' END, E'\n'),
    string_agg(((extract(epoch FROM p.started_at - o.at) * 1000000)::bigint)::text, ','),
    string_agg(coalesce(((extract(epoch FROM coalesce(p.ended_at, p.started_at + p.duration_ms * interval '1 ms') - p.started_at)
      * 1000000)::bigint)::text, ''), ','),
    string_agg(translate(coalesce(p.name, ''), E'\n', ' '), E'\n'),
    string_agg(translate(coalesce(p.service, ''), E'\n', ' '), E'\n'),
    string_agg(translate(coalesce(CASE WHEN p.kind = 'invocation' THEN (
        SELECT concat_ws(chr(31), coalesce(i.source_operation, ''), coalesce(i.source_table, ''), coalesce(i.source_record_id, ''),
          i.source_function, coalesce(((extract(epoch FROM i.source_event_time - o.at) * 1000000)::bigint)::text, ''),
          (SELECT string_agg(c, chr(31)) FROM jsonb_array_elements_text(
            CASE jsonb_typeof(i.changed_columns) WHEN 'array' THEN i.changed_columns ELSE '[]' END) c))
        FROM "event_detector_observability".invocations i WHERE i.id = p.invocation_id)
      ELSE p.operation END, ''), E'\n', ' '), E'\n'),
    string_agg(translate(coalesce(left(p.error_message, 200), ''), E'\n', ' '), E'\n'),
    coalesce(jsonb_agg(DISTINCT p.trace_id) FILTER (WHERE p.kind IN ('invocation', 'trace') AND p.trace_id IS NOT NULL), '[]')
  FROM (
    SELECT a.*, CASE WHEN a.kind = 'invocation' AND a.status = 'completed'
      THEN (SELECT i.total_jobs_failed FROM "event_detector_observability".invocations i WHERE i.id = a.invocation_id) END AS jobs_failed
    FROM asked a ORDER BY a.id OFFSET waterfall_columns.skip LIMIT waterfall_columns.size
  ) p CROSS JOIN origin o
  GROUP BY o.at
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.whole_chain(invocation_id uuid, max_invocations integer DEFAULT 10000)
 RETURNS SETOF event_detector_observability.invocations
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT chain.*
  FROM (
    SELECT coalesce((
      SELECT a.id FROM "event_detector_observability".invocation_ancestors(whole_chain.invocation_id) a
      WHERE NOT EXISTS (
        SELECT FROM "event_detector_observability".job_executions j JOIN "event_detector_observability".invocations p ON p.id = j.invocation_id WHERE j.id = a.source_job_id)
      LIMIT 1
    ), whole_chain.invocation_id) AS id
  ) root, "event_detector_observability".invocation_chain(root.id, max_invocations) chain
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.window_job_errors(since timestamp with time zone, until timestamp with time zone, job_name text DEFAULT NULL::text)
 RETURNS SETOF event_detector_observability.job_error_groups
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  SELECT left(md5(f.job_name || E'\n' || f.pattern), 16), f.job_name, f.pattern,
    (array_agg(f.error_message ORDER BY f.created_at DESC, f.id DESC))[1], count(*), count(DISTINCT f.invocation_id),
    min(f.created_at), max(f.created_at), (array_agg(f.id ORDER BY f.created_at DESC, f.id DESC))[1],
    (array_agg(f.invocation_id ORDER BY f.created_at DESC, f.id DESC))[1]
  FROM (
    SELECT j.*, coalesce("event_detector_observability".error_pattern(j.error_message), j.status) AS pattern
    FROM "event_detector_observability".job_executions j
    WHERE j.status IN ('failed', 'timeout', 'lost') AND j.created_at >= since AND j.created_at < until
      AND (window_job_errors.job_name IS NULL OR j.job_name = window_job_errors.job_name)
  ) f
  GROUP BY f.job_name, f.pattern
  ORDER BY count(*) DESC, max(f.created_at) DESC
$function$
;

CREATE OR REPLACE FUNCTION event_detector_observability.window_totals(kind text, since timestamp with time zone, until timestamp with time zone, step interval DEFAULT NULL::interval, by_name boolean DEFAULT false)
 RETURNS SETOF event_detector_observability.window_totals_rows
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  WITH counted AS MATERIALIZED (
    SELECT date_trunc('hour', since + interval '1 hour' - interval '1 microsecond', 'UTC') AS low,
      least(date_trunc('hour', until, 'UTC'), s.live_from) AS high,
      step IS NULL OR mod(extract(epoch FROM step), 3600) = 0 AS whole_hours
    FROM "event_detector_observability".maintenance_state s
  ),
  -- [low, high) is read from totals, the rest of [since, until) from rows.
  bounds AS MATERIALIZED (
    SELECT CASE WHEN whole_hours AND low < high THEN low ELSE until END AS low,
      CASE WHEN whole_hours AND low < high THEN high ELSE until END AS high
    FROM counted
  ),
  parts (at, name, total, completed, failed, lost, events_detected, jobs_run, jobs_failed, duration_sum, max_ms, histogram) AS (
    SELECT m.hour_bucket, m.source_function, m.total_invocations::bigint, m.successful_invocations::bigint, m.failed_invocations::bigint,
      m.lost_invocations::bigint, m.total_events_detected::bigint, m.total_jobs_run::bigint, m.total_jobs_failed::bigint,
      m.duration_sum_ms::numeric, m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, "event_detector_observability".metrics_hourly m
    WHERE kind = 'function' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), i.created_at, '2000-01-01 00:00:00+00'), i.source_function, count(*),
      count(*) FILTER (WHERE i.status = 'completed'), count(*) FILTER (WHERE i.status IN ('failed', 'timeout', 'lost')),
      count(*) FILTER (WHERE i.status = 'lost'), sum(i.events_detected_count), sum(i.total_jobs_run), sum(i.total_jobs_failed),
      sum(i.total_duration_ms), max(i.total_duration_ms), "event_detector_observability".histogram(i.total_duration_ms)
    FROM bounds b, "event_detector_observability".invocations i
    WHERE kind = 'function' AND (i.created_at >= since AND i.created_at < b.low OR i.created_at >= b.high AND i.created_at < until)
    GROUP BY 1, 2
    UNION ALL
    SELECT m.hour_bucket, m.job_name, m.total_runs, m.successful_runs, m.failed_runs, NULL, NULL, NULL, NULL, m.duration_sum_ms,
      m.max_duration_ms, m.duration_histogram::bigint[]
    FROM bounds b, "event_detector_observability".job_metrics_hourly m
    WHERE kind = 'job' AND m.hour_bucket >= b.low AND m.hour_bucket < b.high
    UNION ALL
    SELECT date_bin(coalesce(step, interval '1 hour'), j.created_at, '2000-01-01 00:00:00+00'), j.job_name, count(*),
      count(*) FILTER (WHERE j.status = 'completed'), count(*) FILTER (WHERE j.status IN ('failed', 'timeout', 'lost')),
      NULL, NULL, NULL, NULL, sum(j.duration_ms), max(j.duration_ms), "event_detector_observability".histogram(j.duration_ms)
    FROM bounds b, "event_detector_observability".job_executions j
    WHERE kind = 'job' AND j.id >= "event_detector_observability".uuid_v7_at(since)
      AND (j.created_at >= since AND j.created_at < b.low OR j.created_at >= b.high AND j.created_at < until)
    GROUP BY 1, 2
  ),
  points AS (
    SELECT CASE WHEN step IS NOT NULL THEN date_bin(step, p.at, '2000-01-01 00:00:00+00') END AS bucket,
      CASE WHEN by_name THEN p.name END AS name, sum(p.total) AS total, sum(p.completed) AS completed, sum(p.failed) AS failed,
      sum(p.lost) AS lost, sum(p.events_detected) AS events_detected, sum(p.jobs_run) AS jobs_run, sum(p.jobs_failed) AS jobs_failed,
      sum(p.duration_sum) AS duration_sum, max(p.max_ms) AS max_ms, "event_detector_observability".histogram_sum(p.histogram) AS histogram
    FROM parts p GROUP BY 1, 2
  )
  SELECT p.bucket, p.name, p.total::bigint, p.completed::bigint, p.failed::bigint, p.lost::bigint, p.events_detected::bigint,
    p.jobs_run::bigint, p.jobs_failed::bigint,
    (p.duration_sum / nullif((SELECT sum(n) FROM unnest(p.histogram) n), 0))::double precision,
    -- A bucket's upper end may lie beyond the longest that was measured.
    least("event_detector_observability".histogram_percentile(p.histogram, 0.5), p.max_ms), least("event_detector_observability".histogram_percentile(p.histogram, 0.95), p.max_ms),
    least("event_detector_observability".histogram_percentile(p.histogram, 0.99), p.max_ms), p.max_ms
  FROM points p
  ORDER BY p.bucket, p.total DESC, p.name
$function$
;

CREATE TRIGGER keep_later_version BEFORE UPDATE ON event_detector_observability.event_executions FOR EACH ROW WHEN (((ROW((old.ended_at IS NOT NULL), old.updated_at) > ROW((new.ended_at IS NOT NULL), new.updated_at)) AND (COALESCE(current_setting('hasura.user'::text, true), ''::text) <> ''::text))) EXECUTE FUNCTION event_detector_observability.keep_later_version();

CREATE TRIGGER keep_later_version BEFORE UPDATE ON event_detector_observability.invocations FOR EACH ROW WHEN (((ROW((old.ended_at IS NOT NULL), old.updated_at) > ROW((new.ended_at IS NOT NULL), new.updated_at)) AND (COALESCE(current_setting('hasura.user'::text, true), ''::text) <> ''::text))) EXECUTE FUNCTION event_detector_observability.keep_later_version();

CREATE TRIGGER keep_later_version BEFORE UPDATE ON event_detector_observability.job_executions FOR EACH ROW WHEN (((ROW((old.ended_at IS NOT NULL), old.updated_at) > ROW((new.ended_at IS NOT NULL), new.updated_at)) AND (COALESCE(current_setting('hasura.user'::text, true), ''::text) <> ''::text))) EXECUTE FUNCTION event_detector_observability.keep_later_version();
