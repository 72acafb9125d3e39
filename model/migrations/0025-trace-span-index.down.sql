DROP INDEX :"schema".events_trace_id;
CREATE INDEX events_trace_id ON :"schema".events (trace_id, "timestamp") WHERE trace_id IS NOT NULL;
CREATE INDEX events_span_id ON :"schema".events (span_id) WHERE span_id IS NOT NULL;
