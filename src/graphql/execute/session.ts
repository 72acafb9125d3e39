/** Who asks: the role, and the session variables by lower-case name (`x-hasura-…`). */
export interface Session {
  readonly role: string
  readonly variables: Readonly<Record<string, string>>
  /** Whether permissions that are for backends only count too. @default false */
  readonly backendOnly?: boolean
  /** Where the request comes from, for limits that are by address. */
  readonly address?: string | undefined
}
