DROP VIEW :"schema".table_sizes;
DROP FUNCTION :"schema".repeating_chains(timestamptz, timestamptz, integer);
DROP VIEW :"schema".repeating_chain_rows;
DROP FUNCTION :"schema".window_totals(text, timestamptz, timestamptz, interval, boolean);
DROP VIEW :"schema".window_totals_rows;
