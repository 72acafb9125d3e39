-- Executions written through Hasura: an older version of a row does not replace a newer one.
--
-- Rows come at the start and at the end of work, and in any order. Over SQL the writer's own statement compares them (ended
-- before running, else the later updated_at); `on_conflict` of Hasura compares only with values of the request, and each row
-- of a request has another. So the database compares, in updates that come through Hasura only: it says who writes in
-- `hasura.user`. COPY and inserts have nothing to do with it.

CREATE FUNCTION :"schema".keep_later_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RETURN NULL;
END
$$;

COMMENT ON FUNCTION :"schema".keep_later_version() IS 'Leaves a row as it is, without an error.';

CREATE TRIGGER keep_later_version BEFORE UPDATE ON :"schema".invocations
FOR EACH ROW WHEN (
  (OLD.ended_at IS NOT NULL, OLD.updated_at) > (NEW.ended_at IS NOT NULL, NEW.updated_at)
  AND coalesce(current_setting('hasura.user', true), '') <> ''
) EXECUTE FUNCTION :"schema".keep_later_version();

CREATE TRIGGER keep_later_version BEFORE UPDATE ON :"schema".event_executions
FOR EACH ROW WHEN (
  (OLD.ended_at IS NOT NULL, OLD.updated_at) > (NEW.ended_at IS NOT NULL, NEW.updated_at)
  AND coalesce(current_setting('hasura.user', true), '') <> ''
) EXECUTE FUNCTION :"schema".keep_later_version();

CREATE TRIGGER keep_later_version BEFORE UPDATE ON :"schema".job_executions
FOR EACH ROW WHEN (
  (OLD.ended_at IS NOT NULL, OLD.updated_at) > (NEW.ended_at IS NOT NULL, NEW.updated_at)
  AND coalesce(current_setting('hasura.user', true), '') <> ''
) EXECUTE FUNCTION :"schema".keep_later_version();
