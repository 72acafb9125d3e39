import { gql, type TypedDocumentNode } from '@apollo/client'

interface Found {
  invocation: {
    id: string
    source_function: string
    source_operation: string | null
    source_table: string | null
  } | null
  event: { id: string; event_name: string; invocation_id: string } | null
  job: { id: string; job_name: string; invocation_id: string } | null
  correlated: { id: string }[]
}

/** What an id is the id of. */
export const FIND_ID: TypedDocumentNode<Found, { id: string }> = gql`
  query FindId($id: uuid!) {
    invocation: invocations_by_pk(id: $id) {
      id
      source_function
      source_operation
      source_table
    }
    event: event_executions_by_pk(id: $id) {
      id
      event_name
      invocation_id
    }
    job: job_executions_by_pk(id: $id) {
      id
      job_name
      invocation_id
    }
    correlated: invocations(where: { correlation_id: { _eq: $id } }, limit: 1) {
      id
    }
  }
`

export interface FoundPlace {
  href: string
  label: string
}

/** Where an id leads to. An id can be several things, such as the first correlation id of a chain. */
export function placesOf(id: string, { invocation, event, job, correlated }: Found): FoundPlace[] {
  const places: FoundPlace[] = []
  if (invocation) {
    const what = [invocation.source_operation, invocation.source_table].filter(Boolean).join(' ')
    places.push({ href: `/invocations/${id}`, label: `Invocation of ${invocation.source_function} ${what}`.trim() })
    places.push({ href: `/chains/${id}`, label: 'The chain this invocation belongs to' })
  }
  if (event) places.push({ href: `/chains/${event.invocation_id}?sel=event:${id}`, label: `Event ${event.event_name}` })
  if (job) places.push({ href: `/chains/${job.invocation_id}?sel=job:${id}`, label: `Job ${job.job_name}` })
  if (correlated.length > 0) places.push({ href: `/correlations/${id}`, label: 'Everything with this correlation id' })
  return places
}
