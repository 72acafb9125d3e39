DROP VIEW :"schema".dashboard_stats;
DROP FUNCTION :"schema".invocation_ancestors(uuid);
DROP FUNCTION :"schema".invocation_chain(uuid);
DROP FUNCTION :"schema".uuid_v7_at(timestamptz);
DROP TABLE :"schema".job_executions;
DROP TABLE :"schema".event_executions;
DROP TABLE :"schema".invocations;
