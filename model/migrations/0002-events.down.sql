DROP TABLE :"schema".events;
