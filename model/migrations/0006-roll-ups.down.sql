CREATE OR REPLACE VIEW :"schema".dashboard_stats AS
SELECT
  date_trunc('hour', created_at) AS hour_bucket,
  source_function,
  count(*) AS total_invocations,
  count(*) FILTER (WHERE status = 'completed') AS successful_invocations,
  count(*) FILTER (WHERE status IN ('failed', 'timeout', 'lost')) AS failed_invocations,
  coalesce(sum(events_detected_count), 0) AS total_events_detected,
  coalesce(sum(total_jobs_run), 0) AS total_jobs_run,
  coalesce(sum(total_jobs_succeeded), 0) AS total_jobs_succeeded,
  round(avg(total_duration_ms), 2) AS avg_duration_ms,
  min(total_duration_ms) AS min_duration_ms,
  max(total_duration_ms) AS max_duration_ms,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY total_duration_ms) AS p95_duration_ms
FROM :"schema".invocations
WHERE created_at > now() - interval '7 days'
GROUP BY 1, 2;
DROP FUNCTION :"schema".refresh_dashboard_stats();
DROP FUNCTION :"schema".roll_up(boolean);
DROP FUNCTION :"schema".roll_up_hour(timestamptz);
DROP FUNCTION :"schema".changed_hours();
DROP TABLE :"schema".partition_state;
DROP TABLE :"schema".maintenance_state;
DROP TABLE :"schema".metrics_snapshots;
DROP TABLE :"schema".job_metrics_hourly;
DROP TABLE :"schema".event_metrics_hourly;
DROP TABLE :"schema".metrics_hourly;
DROP FUNCTION :"schema".histogram_percentile(bigint[], double precision);
DROP AGGREGATE :"schema".histogram_sum(bigint[]);
DROP FUNCTION :"schema".histogram_merge(bigint[], bigint[]);
DROP AGGREGATE :"schema".histogram(integer);
DROP FUNCTION :"schema".histogram_add(bigint[], integer);
