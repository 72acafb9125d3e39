DROP FUNCTION :"schema".execution_map(timestamptz, timestamptz, integer);
DROP VIEW :"schema".execution_map_edges;
