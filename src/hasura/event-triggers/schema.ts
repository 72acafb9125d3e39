/** The schema that holds everything we put into a watched database; dropping it (CASCADE) removes all of it. */
export const DELIVERY_SCHEMA = 'hasura_event_delivery'

/** Notified by every recorded change. */
export const DELIVERY_CHANNEL = 'hasura_event_delivery'

export const DELIVERY_TABLES_SQL = `
CREATE SCHEMA IF NOT EXISTS hasura_event_delivery;

CREATE TABLE IF NOT EXISTS hasura_event_delivery.event_log (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  position          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  source_name       text NOT NULL,
  trigger_name      text NOT NULL,
  schema_name       text NOT NULL,
  table_name        text NOT NULL,
  op                text NOT NULL CHECK (op IN ('INSERT', 'UPDATE', 'DELETE')),
  -- json, not jsonb: what the webhook gets are the very characters the row gave.
  data_old          json,
  data_new          json,
  -- As the application set them. Text, so that a malformed setting cannot fail the application's transaction.
  session_variables text,
  trace_context     text,
  created_at        timestamptz NOT NULL DEFAULT now(),
  -- When to deliver next: while a dispatcher works on it, when its lease ends; null when nothing is left to do.
  due_at            timestamptz DEFAULT now(),
  leased_by         uuid,
  tries             integer NOT NULL DEFAULT 0,
  delivered_at      timestamptz,
  given_up_at       timestamptz
);
-- For fetching what is due.
CREATE INDEX IF NOT EXISTS event_log_due ON hasura_event_delivery.event_log (source_name, due_at) WHERE due_at IS NOT NULL;
-- For deleting what is old.
CREATE INDEX IF NOT EXISTS event_log_finished ON hasura_event_delivery.event_log (created_at) WHERE due_at IS NULL;

CREATE TABLE IF NOT EXISTS hasura_event_delivery.invocation_log (
  id          uuid PRIMARY KEY,
  event_id    uuid NOT NULL REFERENCES hasura_event_delivery.event_log ON DELETE CASCADE,
  retry       integer NOT NULL,
  -- Null when there was no answer.
  status      integer,
  error       text,
  response    text,
  started_at  timestamptz NOT NULL,
  duration_ms integer NOT NULL
);
-- For reading the attempts of one event, and for deleting them with it.
CREATE INDEX IF NOT EXISTS invocation_log_event ON hasura_event_delivery.invocation_log (event_id);
`
