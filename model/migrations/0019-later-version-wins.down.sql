DROP FUNCTION :"schema".keep_later_version() CASCADE;
