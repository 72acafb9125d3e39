DROP TABLE :"schema".quarantined_rows;
