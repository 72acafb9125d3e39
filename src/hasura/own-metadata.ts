/** The name of our source in anybody's Hasura. */
export const SOURCE_NAME = 'observability'
