/** Where a Hasura answers. */
export interface HasuraAddress {
  graphql: string
  metadata: string
}

/** Takes the address with or without `/v1/graphql`. */
export function hasuraAddress(endpoint: string): HasuraAddress {
  const base = endpoint.replace(/\/+$/, '').replace(/\/v1(?:alpha1|beta1)?\/(?:graphql|metadata)$/, '')
  return { graphql: `${base}/v1/graphql`, metadata: `${base}/v1/metadata` }
}
