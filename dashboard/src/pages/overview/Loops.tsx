import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { ChangedRow } from '../../components/ChangedRow.tsx'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { OVERVIEW_LOOPS } from './queries.ts'

/** Chains that change one row in the same way again and again: loops, or about to be. */
export function Loops({ range, every }: { range: Range; every: number }) {
  const query = useLiveQuery(OVERVIEW_LOOPS, () => ({ since: range.variables().from, until: range.variables().to }), {
    identity: range.key,
    every,
  })
  return (
    <Panel
      title="Loops"
      className="overview-narrow"
      query={query}
      empty={({ repeating_chains: chains }) =>
        chains.length === 0 ? (
          <Empty title="No chain repeats itself">
            A chain is listed when its own jobs make the same change to the same row three times or more.
          </Empty>
        ) : null
      }
    >
      {({ repeating_chains: chains }) => (
        <ul className="recent" data-testid="loops">
          {chains.map(chain => (
            <li key={chain.last_invocation_id}>
              <Link
                to="/chains/$rootId"
                params={{ rootId: chain.root_id }}
                search={{ sel: `invocation:${chain.last_invocation_id}` }}
              >
                <StatusShape tone="lost" />
                <ChangedRow row={chain} />
                <span className="recent-end">
                  {chain.repeats} times <span className="quiet">in {chain.depth} steps</span>{' '}
                  <span className="quiet">
                    <RelativeTime at={chain.last_at} />
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
