import { useEffect, useState } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { toFailure } from '../../api/client.ts'
import { DESCENDANTS } from './queries.ts'
import type { Below } from './shown-rows.ts'

const MAX_BELOW = 1_000

/** What is open below the roots of the list. Another list begins with everything closed. */
export function useBelow(
  search: object,
  rangeKey: string,
): { below: ReadonlyMap<string, Below>; toggle: (id: string) => void } {
  const { client } = useApi()
  const [below, setBelow] = useState<ReadonlyMap<string, Below>>(new Map())
  useEffect(() => setBelow(new Map()), [search, rangeKey])
  const put = (id: string, value: Below | null) =>
    setBelow(before => {
      const after = new Map(before)
      if (value) after.set(id, value)
      else after.delete(id)
      return after
    })
  const toggle = (id: string) => {
    const current = below.get(id)
    if (current && (current === 'loading' || 'rows' in current)) return put(id, null)
    put(id, 'loading')
    client.query({ query: DESCENDANTS, variables: { id, limit: MAX_BELOW }, fetchPolicy: 'no-cache' }).then(
      ({ data }) => put(id, { rows: data?.invocation_chain ?? [] }),
      error => put(id, { failure: toFailure(error).message }),
    )
  }
  return { below, toggle }
}
