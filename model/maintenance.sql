-- Everything that has to be done from time to time, once:
--   psql -v schema=event_detector_observability -f model/maintenance.sql "$OBSERVABILITY_DB_URL"
-- The arguments: how long invocations are kept, how long failed ones, how long an instance may be silent before its running
-- work is marked as lost, and how long hourly totals are kept. docs/maintenance.md tells what each step does.
CALL :"schema".run_maintenance('30 days', '90 days', '2 minutes', '400 days');
