DROP FUNCTION :"schema".mark_lost(interval);
DROP INDEX :"schema".job_executions_running;
DROP INDEX :"schema".event_executions_running;
DROP INDEX :"schema".invocations_running;
ALTER TABLE :"schema".invocations DROP COLUMN instance_id;
DROP TABLE :"schema".instances;
