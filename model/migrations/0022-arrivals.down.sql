DROP INDEX :"schema".events_arrival;
