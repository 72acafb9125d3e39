DROP FUNCTION :"schema".live_event_rates(integer);
DROP VIEW :"schema".live_event_rates_rows;
DROP FUNCTION :"schema".live_events(integer);
