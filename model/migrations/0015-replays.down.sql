DROP INDEX :"schema".invocations_replay_of;

COMMENT ON COLUMN :"schema".invocations.correlation_source IS 'Where correlation_id came from: updated_by, updated_by_unchanged (a token this change did not write), session, metadata, custom, trace_context, host_plugin, caller or generated.';

ALTER TABLE :"schema".invocations DROP COLUMN replay_of;
