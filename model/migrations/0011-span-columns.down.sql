DROP FUNCTION :"schema".waterfall_columns(uuid, text, integer, integer, integer);
DROP VIEW :"schema".span_columns;
