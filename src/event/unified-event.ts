// Generated from model/unified-event.columns.csv by `npm run events:generate`; a test compares them.

/** An instant as Postgres reads it, in UTC: `2026-11-21T10:20:30.123456Z`. */
export type Timestamp = string
/** A whole number; beyond 2^53 as bigint or as decimal text, so that it stays exact. */
export type Whole = number | bigint | string
/** Whatever JSON can hold, not yet as text. */
export type Json = unknown

/** Everything that happened, of every kind: one row of `events`, 175 columns. */
export interface UnifiedEvent {
  // CoreIdentity
  /** Key of the event, made from what the source itself identifies it by, so that a resend changes nothing. */
  id: string
  /** Which of the ten signal kinds this row is. */
  event_type: string
  /** Human-meaningful name of what happened. */
  event_name: string
  /** Tenant or source namespace; also the streaming topic. */
  ns: string
  // CausalityChain
  /** Distributed trace key; lowercase hex when from OTel. */
  trace_id?: string | null
  /** Key of this span or source record inside the trace. */
  span_id?: string | null
  /** span_id of the calling span. */
  parent_id?: string | null
  /** span_id of the top span of the trace. */
  root_id?: string | null
  /** Visitor or client session key. */
  session_id?: string | null
  /** Durable workflow run key. */
  workflow_id?: string | null
  /** Database or business transaction key. */
  transaction_id?: string | null
  /** Free cross-system join key, e.g. request id. */
  correlation_id?: string | null
  /** Levels below the trace root; derived. */
  depth?: number | null
  /** No child spans known; derived. */
  is_leaf?: boolean | null
  /** Has no parent; derived. */
  is_root?: boolean | null
  // Actor
  /** Known user, agent or service that caused it. */
  actor_id?: string | null
  /** Kind of actor. */
  actor_type?: string | null
  /** Display name of the actor. */
  actor_name?: string | null
  /** Device or visitor key before login. */
  anonymous_id?: string | null
  // Resource
  /** Kind of object acted on. */
  resource_type?: string | null
  /** Key of the object acted on. */
  resource_id?: string | null
  /** Display name of the object. */
  resource_name?: string | null
  /** Revision label of the object. */
  resource_version?: string | null
  /** Namespace owning the object. */
  resource_ns?: string | null
  // Timing
  /** Event time; the time of arrival where the source has none, or an absurd one. */
  timestamp: Timestamp
  /** Event time as Unix nanoseconds, as the source said it. */
  timestamp_ns?: Whole | null
  /** Operation begin. */
  started_at?: Timestamp | null
  /** Operation end. */
  ended_at?: Timestamp | null
  /** Elapsed wall time, fractional ms. */
  duration_ms?: number | null
  /** CPU used, ms. */
  cpu_time_ms?: number | null
  // Outcome
  /** Normalised result label (success, error, ...). */
  outcome?: string | null
  /** Free-text cause of the result. */
  outcome_reason?: string | null
  /** Numeric status of the protocol or span. */
  status_code?: number | null
  /** Exception class or error category. */
  error_type?: string | null
  /** Error text. */
  error_message?: string | null
  /** Stack trace text. */
  error_stack?: string | null
  // HttpContext
  /** Request verb. */
  http_method?: string | null
  /** Complete request or page URL. */
  http_url?: string | null
  /** Host part. */
  http_host?: string | null
  /** Path part. */
  http_path?: string | null
  /** Query part without the question mark. */
  http_query?: string | null
  /** Response status. */
  http_status?: number | null
  /** Protocol and version. */
  http_protocol?: string | null
  /** Request body bytes. */
  http_request_size?: Whole | null
  /** Response body bytes. */
  http_response_size?: Whole | null
  /** Referring URL. */
  http_referrer?: string | null
  /** Raw user agent. */
  http_user_agent?: string | null
  /** Content type header. */
  http_content_type?: string | null
  // GeoLocation
  /** Two-letter country. */
  geo_country?: string | null
  /** Region or state. */
  geo_region?: string | null
  /** City. */
  geo_city?: string | null
  /** Edge location code. */
  geo_colo?: string | null
  /** IANA zone. */
  geo_timezone?: string | null
  /** Latitude in degrees. */
  geo_latitude?: number | null
  /** Longitude in degrees. */
  geo_longitude?: number | null
  /** Network AS number. */
  geo_asn?: Whole | null
  /** Network operator. */
  geo_as_org?: string | null
  /** Postal code. */
  geo_postal?: string | null
  // ClientDevice
  /** Class of client software. */
  client_type?: string | null
  /** Browser or SDK name. */
  client_name?: string | null
  /** Browser or SDK version. */
  client_version?: string | null
  /** Form factor. */
  device_type?: string | null
  /** Hardware model. */
  device_model?: string | null
  /** Hardware maker. */
  device_brand?: string | null
  /** Operating system. */
  os_name?: string | null
  /** Operating system version. */
  os_version?: string | null
  /** Bot likelihood, 0 to 100. */
  bot_score?: number | null
  /** Known good crawler. */
  bot_verified?: boolean | null
  /** WxH pixels. */
  screen_size?: string | null
  // ServiceInfra
  /** Emitting service. */
  service_name?: string | null
  /** Build or release of the service. */
  service_version?: string | null
  /** Replica key. */
  service_instance?: string | null
  /** Service group or environment. */
  service_namespace?: string | null
  /** Host name. */
  host_name?: string | null
  /** Host key. */
  host_id?: string | null
  /** Cloud vendor. */
  cloud_provider?: string | null
  /** Cloud region. */
  cloud_region?: string | null
  /** Availability zone. */
  cloud_zone?: string | null
  /** Container or isolate key. */
  container_id?: string | null
  /** Kubernetes namespace. */
  k8s_namespace?: string | null
  /** Kubernetes pod. */
  k8s_pod?: string | null
  /** Kubernetes deployment. */
  k8s_deployment?: string | null
  // DatabaseCdc
  /** Database product. */
  db_system?: string | null
  /** Database. */
  db_name?: string | null
  /** Table or collection; of a row change schema.table. */
  db_table?: string | null
  /** Kind of row change or query. */
  db_operation?: string | null
  /** Query text, sanitised. */
  db_statement?: string | null
  /** Primary key as text or JSON. */
  db_row_id?: string | null
  /** Log position for ordering. */
  db_lsn?: string | null
  /** Row revision counter. */
  db_version?: Whole | null
  /** Row image before. */
  db_before?: Json | null
  /** Row image after. */
  db_after?: Json | null
  // MessagingQueue
  /** Broker product. */
  msg_system?: string | null
  /** Queue or topic. */
  msg_destination?: string | null
  /** publish, consume, ack and the like. */
  msg_operation?: string | null
  /** Messages in the batch. */
  msg_batch_size?: number | null
  /** Broker message key. */
  msg_message_id?: string | null
  // Rpc
  /** RPC framework. */
  rpc_system?: string | null
  /** RPC service. */
  rpc_service?: string | null
  /** RPC method. */
  rpc_method?: string | null
  /** RPC result. */
  rpc_status?: string | null
  // WebMarketing
  /** Page title or Segment page name. */
  page_title?: string | null
  /** Page query string. */
  page_search?: string | null
  /** utm_campaign. */
  campaign_name?: string | null
  /** utm_source. */
  campaign_source?: string | null
  /** utm_medium. */
  campaign_medium?: string | null
  /** utm_term. */
  campaign_term?: string | null
  /** utm_content. */
  campaign_content?: string | null
  /** Campaign key. */
  campaign_id?: string | null
  /** Experiment key. */
  ab_test_id?: string | null
  /** Experiment arm. */
  ab_variant?: string | null
  // WebVitals
  /** LCP, INP, CLS, FCP, TTFB or FID. */
  vital_name?: string | null
  /** Measured value: ms, unitless for CLS. */
  vital_value?: number | null
  /** good, needs-improvement or poor. */
  vital_rating?: string | null
  /** Change since previous report. */
  vital_delta?: number | null
  /** DOM element blamed (CSS selector). */
  vital_element?: string | null
  /** Document load phase. */
  vital_load_state?: string | null
  /** How the page was reached. */
  nav_type?: string | null
  // SessionReplay
  /** rrweb event kind name. */
  replay_type?: string | null
  /** rrweb incremental source name. */
  replay_source?: string | null
  /** Order inside the session. */
  replay_sequence?: Whole | null
  /** ms since session start. */
  replay_timestamp_offset?: number | null
  /** rrweb payload as JSON text. */
  replay_data?: string | null
  // OtelMetrics
  /** Instrument name. */
  metric_name?: string | null
  /** Unit string. */
  metric_unit?: string | null
  /** gauge, counter, updowncounter, histogram, exponential_histogram or summary. */
  metric_type?: string | null
  /** Point value. */
  metric_value?: number | null
  /** Number of samples. */
  metric_count?: Whole | null
  /** Total of samples. */
  metric_sum?: number | null
  /** Smallest sample. */
  metric_min?: number | null
  /** Largest sample. */
  metric_max?: number | null
  /** Histogram bounds and counts. */
  metric_buckets?: Json | null
  /** Quantile and value pairs. */
  metric_quantiles?: Json | null
  // Logging
  /** Severity word, lowercase. */
  log_level?: string | null
  /** Severity number of OpenTelemetry, 1 to 24. */
  log_level_num?: number | null
  /** Message text. */
  log_message?: string | null
  /** Logger or category. */
  log_logger?: string | null
  // DoSpecific
  /** Durable Object class. */
  do_class?: string | null
  /** Durable Object instance. */
  do_id?: string | null
  /** Method called on it. */
  do_method?: string | null
  /** Verb of the action. */
  action_verb?: string | null
  /** send, try or do. */
  action_durability?: string | null
  /** Target path of the action. */
  action_target?: string | null
  /** Object version before the action. */
  action_input_version?: Whole | null
  // BusinessEpcis
  /** EPCIS business step, short form. */
  biz_step?: string | null
  /** EPCIS disposition, short form. */
  biz_disposition?: string | null
  /** Business document reference. */
  biz_transaction?: string | null
  /** EPCIS location key. */
  biz_location?: string | null
  /** EPCIS read point key. */
  biz_read_point?: string | null
  // SnippetProxy
  /** What started the resource load. */
  snippet_initiator?: string | null
  /** Injected request key. */
  snippet_request_id?: string | null
  /** Start, ms since navigation. */
  snippet_start_time?: number | null
  /** DNS phase, ms. */
  snippet_dns_time?: number | null
  /** Connect phase incl. TLS, ms. */
  snippet_connect_time?: number | null
  /** Request sent to first byte, ms. */
  snippet_ttfb?: number | null
  /** First to last byte, ms. */
  snippet_download_time?: number | null
  /** Queueing before DNS, ms. */
  snippet_blocked_time?: number | null
  /** Resource class. */
  snippet_resource_type?: string | null
  /** Bytes on the wire. */
  snippet_transfer_size?: Whole | null
  /** Bytes after decoding. */
  snippet_decoded_size?: Whole | null
  /** Cache verdict: local, validated or network; null when the browser does not tell. */
  snippet_cache_state?: string | null
  /** Fetch priority. */
  snippet_priority?: string | null
  // FlexiblePayloads
  /** Main payload. */
  data?: Json | null
  /** OTel attributes. */
  attributes?: Json | null
  /** String-to-string tags. */
  labels?: Json | null
  /** Extra environment info. */
  context?: Json | null
  /** Segment properties. */
  properties?: Json | null
  /** Segment user traits. */
  traits?: Json | null
  // PartitionInternal
  /** UTC hour 0 to 23, partition key. */
  hour?: number | null
  /** UTC date, partition key. */
  day?: string | null
  /** Ingest adapter name. */
  event_source?: string | null
  /** Access level. */
  visibility?: string | null
  /** Server receive time. */
  ingested_at?: Timestamp | null
  /** Bulk load key. */
  batch_id?: string | null
  /** Row schema version. */
  schema_version?: number | null
}

/** The columns of `events` and their Postgres types, in the order of the table. */
export const EVENT_COLUMNS = {
  id: 'text',
  event_type: 'text',
  event_name: 'text',
  ns: 'text',
  trace_id: 'text',
  span_id: 'text',
  parent_id: 'text',
  root_id: 'text',
  session_id: 'text',
  workflow_id: 'text',
  transaction_id: 'text',
  correlation_id: 'text',
  depth: 'integer',
  is_leaf: 'boolean',
  is_root: 'boolean',
  actor_id: 'text',
  actor_type: 'text',
  actor_name: 'text',
  anonymous_id: 'text',
  resource_type: 'text',
  resource_id: 'text',
  resource_name: 'text',
  resource_version: 'text',
  resource_ns: 'text',
  timestamp: 'timestamptz',
  timestamp_ns: 'bigint',
  started_at: 'timestamptz',
  ended_at: 'timestamptz',
  duration_ms: 'double precision',
  cpu_time_ms: 'double precision',
  outcome: 'text',
  outcome_reason: 'text',
  status_code: 'integer',
  error_type: 'text',
  error_message: 'text',
  error_stack: 'text',
  http_method: 'text',
  http_url: 'text',
  http_host: 'text',
  http_path: 'text',
  http_query: 'text',
  http_status: 'integer',
  http_protocol: 'text',
  http_request_size: 'bigint',
  http_response_size: 'bigint',
  http_referrer: 'text',
  http_user_agent: 'text',
  http_content_type: 'text',
  geo_country: 'text',
  geo_region: 'text',
  geo_city: 'text',
  geo_colo: 'text',
  geo_timezone: 'text',
  geo_latitude: 'double precision',
  geo_longitude: 'double precision',
  geo_asn: 'bigint',
  geo_as_org: 'text',
  geo_postal: 'text',
  client_type: 'text',
  client_name: 'text',
  client_version: 'text',
  device_type: 'text',
  device_model: 'text',
  device_brand: 'text',
  os_name: 'text',
  os_version: 'text',
  bot_score: 'smallint',
  bot_verified: 'boolean',
  screen_size: 'text',
  service_name: 'text',
  service_version: 'text',
  service_instance: 'text',
  service_namespace: 'text',
  host_name: 'text',
  host_id: 'text',
  cloud_provider: 'text',
  cloud_region: 'text',
  cloud_zone: 'text',
  container_id: 'text',
  k8s_namespace: 'text',
  k8s_pod: 'text',
  k8s_deployment: 'text',
  db_system: 'text',
  db_name: 'text',
  db_table: 'text',
  db_operation: 'text',
  db_statement: 'text',
  db_row_id: 'text',
  db_lsn: 'text',
  db_version: 'bigint',
  db_before: 'jsonb',
  db_after: 'jsonb',
  msg_system: 'text',
  msg_destination: 'text',
  msg_operation: 'text',
  msg_batch_size: 'integer',
  msg_message_id: 'text',
  rpc_system: 'text',
  rpc_service: 'text',
  rpc_method: 'text',
  rpc_status: 'text',
  page_title: 'text',
  page_search: 'text',
  campaign_name: 'text',
  campaign_source: 'text',
  campaign_medium: 'text',
  campaign_term: 'text',
  campaign_content: 'text',
  campaign_id: 'text',
  ab_test_id: 'text',
  ab_variant: 'text',
  vital_name: 'text',
  vital_value: 'double precision',
  vital_rating: 'text',
  vital_delta: 'double precision',
  vital_element: 'text',
  vital_load_state: 'text',
  nav_type: 'text',
  replay_type: 'text',
  replay_source: 'text',
  replay_sequence: 'bigint',
  replay_timestamp_offset: 'double precision',
  replay_data: 'text',
  metric_name: 'text',
  metric_unit: 'text',
  metric_type: 'text',
  metric_value: 'double precision',
  metric_count: 'bigint',
  metric_sum: 'double precision',
  metric_min: 'double precision',
  metric_max: 'double precision',
  metric_buckets: 'jsonb',
  metric_quantiles: 'jsonb',
  log_level: 'text',
  log_level_num: 'smallint',
  log_message: 'text',
  log_logger: 'text',
  do_class: 'text',
  do_id: 'text',
  do_method: 'text',
  action_verb: 'text',
  action_durability: 'text',
  action_target: 'text',
  action_input_version: 'bigint',
  biz_step: 'text',
  biz_disposition: 'text',
  biz_transaction: 'text',
  biz_location: 'text',
  biz_read_point: 'text',
  snippet_initiator: 'text',
  snippet_request_id: 'text',
  snippet_start_time: 'double precision',
  snippet_dns_time: 'double precision',
  snippet_connect_time: 'double precision',
  snippet_ttfb: 'double precision',
  snippet_download_time: 'double precision',
  snippet_blocked_time: 'double precision',
  snippet_resource_type: 'text',
  snippet_transfer_size: 'bigint',
  snippet_decoded_size: 'bigint',
  snippet_cache_state: 'text',
  snippet_priority: 'text',
  data: 'jsonb',
  attributes: 'jsonb',
  labels: 'jsonb',
  context: 'jsonb',
  properties: 'jsonb',
  traits: 'jsonb',
  hour: 'smallint',
  day: 'date',
  event_source: 'text',
  visibility: 'text',
  ingested_at: 'timestamptz',
  batch_id: 'text',
  schema_version: 'integer',
} as const satisfies { readonly [Column in keyof UnifiedEvent]-?: string }
