/** Of the tables that tests and benches write to. */
export const SCHEMA = 'event_detector_observability'
