-- One index for traces and their spans instead of two. Ids are random, so each entry of a new event changes some page of a large
-- index: half as many now. Whoever asks for a span names its trace, too; with the span in the key, the lines of one job are found
-- among those of a long chain without reading these.
DROP INDEX :"schema".events_span_id;
DROP INDEX :"schema".events_trace_id;
CREATE INDEX events_trace_id ON :"schema".events (trace_id, "timestamp", span_id) WHERE trace_id IS NOT NULL;
