-- Events without a time of their own have the time of their first arrival. So that one that comes again, also after a
-- restart of the server or at another one, gets the same time, its first arrival is found by its id. Only such events are in
-- the index.
CREATE INDEX events_arrival ON :"schema".events (id) WHERE "timestamp" = ingested_at;
