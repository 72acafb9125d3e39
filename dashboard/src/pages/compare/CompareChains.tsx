import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Panel } from '../../components/Panel.tsx'
import { buildChainTree, type ChainNode } from '../../model/chain-tree.ts'
import { type AlignedNode, alignChains } from '../../model/compare/align-chains.ts'
import { formatCount } from '../../model/names.ts'
import { toInvocationStatus, toStatus } from '../../model/status.ts'
import { differCount, type PairRow, PairTable } from './PairTable.tsx'
import { Outcome, outcomeDifferences } from './parts.tsx'
import { CHAINS, MAX_INVOCATIONS } from './queries.ts'
import { SideMissing, SidesHead } from './SidesHead.tsx'

/** Two chains step by step: what has the same name below the same cause stands side by side. */
export function CompareChains({ left, right, only }: { left: string; right: string; only: boolean }) {
  const query = useLiveQuery(CHAINS, { left, right, limit: MAX_INVOCATIONS }, { leads: true, every: 3 })
  const { data } = query
  const rows = useMemo(() => (data ? pairRows(data, left, right) : null), [data, left, right])
  const found = (side: 'left' | 'right', id: string) => data?.[side].some(row => row.id === id) ?? false
  const head = data && {
    left: data.left.find(row => row.id === left) ?? null,
    right: data.right.find(row => row.id === right) ?? null,
  }
  return (
    <>
      <SidesHead kind="chain" left={left} right={right} query={{ ...query, data: head }} />
      {data && !rows ? (
        <SideMissing
          noun="invocation"
          left={found('left', left) ? null : left}
          right={found('right', right) ? null : right}
        />
      ) : (
        <Panel
          title="Steps"
          query={query}
          aside={rows && <span data-testid="steps-differ">{differCount(rows)}</span>}
          partial={({ left: a, right: b }) =>
            a.length >= MAX_INVOCATIONS || b.length >= MAX_INVOCATIONS
              ? `A chain goes on: the first ${formatCount(MAX_INVOCATIONS)} invocations of each are compared.`
              : null
          }
        >
          {() => (
            <>
              <PairTable testId="compare-steps" header="Step" noun="step" rows={rows ?? []} onlyDifferences={only} />
              <p className="compare-same">
                <Link to="/compare" search={{ left, right }} className="link-button">
                  Compare the first invocations
                </Link>{' '}
                <span className="quiet">with the modules that did not fire, and their payloads</span>
              </p>
            </>
          )}
        </Panel>
      )}
    </>
  )
}

function pairRows(
  data: { left: Parameters<typeof buildChainTree>[0]; right: Parameters<typeof buildChainTree>[0] },
  left: string,
  right: string,
): PairRow[] | null {
  const [before, after] = [buildChainTree(data.left, left), buildChainTree(data.right, right)]
  return before && after ? alignChains(before, after).map(toRow) : null
}

const KIND_WORDS: Record<ChainNode['kind'], string> = {
  invocation: 'invocation',
  event: 'event',
  job: 'job',
  undetected: '',
  folded: '',
}

function toRow(row: AlignedNode): PairRow {
  const [a, b] = [row.left && outcome(row.left), row.right && outcome(row.right)]
  const node = (row.left ?? row.right) as ChainNode
  const both = row.left?.kind === 'invocation' && row.right?.kind === 'invocation'
  return {
    key: row.key,
    depth: row.depth,
    name: (
      <>
        <span className="compare-kind quiet">{KIND_WORDS[node.kind]}</span>{' '}
        {both ? (
          <Link
            to="/compare"
            search={{
              left: (row.left as { row: { id: string } }).row.id,
              right: (row.right as { row: { id: string } }).row.id,
            }}
            className="mono mini-link"
            title="Compare the two invocations"
          >
            {row.name}
          </Link>
        ) : (
          <span className="mono">{row.name}</span>
        )}
      </>
    ),
    left: a && <Outcome {...a} />,
    right: b && <Outcome {...b} />,
    ...outcomeDifferences(a, b),
  }
}

function outcome(node: ChainNode) {
  switch (node.kind) {
    case 'invocation':
      return {
        status: toInvocationStatus(node.row),
        timed: { ...node.row, duration_ms: node.row.total_duration_ms },
        text: node.row.error_message,
      }
    case 'event': {
      const { row } = node
      return {
        status:
          row.detected && row.status === 'completed'
            ? ({ tone: 'ok', word: 'detected' } as const)
            : toStatus(row.status),
        timed: { ...row, duration_ms: row.handler_duration_ms },
        text: row.detection_error ?? row.handler_error,
      }
    }
    case 'job':
      return { status: toStatus(node.row.status), timed: node.row, text: node.row.error_message }
    default:
      return null
  }
}
