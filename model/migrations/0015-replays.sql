-- Which invocation was given the payload of another one again.

ALTER TABLE :"schema".invocations ADD COLUMN replay_of uuid;

COMMENT ON COLUMN :"schema".invocations.replay_of IS 'The invocation whose payload, edited or not, this one was given again; null for what Hasura delivered.';
COMMENT ON COLUMN :"schema".invocations.correlation_source IS 'Where correlation_id came from: updated_by, updated_by_unchanged (a token this change did not write), session, metadata, custom, trace_context, host_plugin, caller, replay (made for it) or generated.';

-- The replays of an invocation.
CREATE INDEX invocations_replay_of ON :"schema".invocations (replay_of) WHERE replay_of IS NOT NULL;
