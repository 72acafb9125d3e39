-- Rows that Postgres refused.
--
-- A row that does not fit its table must not keep the others of its batch from being stored, and must not be lost: it is
-- kept here as it was, with the error, until somebody has looked at it.

CREATE TABLE :"schema".quarantined_rows (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now(),
  table_name text NOT NULL,
  row_id text NOT NULL,
  "row" jsonb NOT NULL,
  error_code text,
  error_message text NOT NULL,
  instance text,
  -- A row that is refused again replaces itself.
  UNIQUE (table_name, row_id)
);

COMMENT ON TABLE :"schema".quarantined_rows IS 'Rows that Postgres refused, with the error; the rest of their batch was stored.';
COMMENT ON COLUMN :"schema".quarantined_rows.created_at IS 'When the row was refused last.';
COMMENT ON COLUMN :"schema".quarantined_rows.table_name IS 'The table the row was meant for.';
COMMENT ON COLUMN :"schema".quarantined_rows.row_id IS 'The id of the row there.';
COMMENT ON COLUMN :"schema".quarantined_rows."row" IS 'The row as it was sent; characters that no text may hold are U+FFFD.';
COMMENT ON COLUMN :"schema".quarantined_rows.error_code IS 'The SQLSTATE; null when the row could not be sent at all.';
COMMENT ON COLUMN :"schema".quarantined_rows.instance IS 'Host and process id of the plugin that sent it.';
