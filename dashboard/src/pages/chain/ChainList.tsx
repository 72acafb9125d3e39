import { useEffect, useMemo, useRef } from 'react'
import { StatusMark } from '../../components/StatusMark.tsx'
import { DurationText } from '../../components/TimeText.tsx'
import type { ChainNode, ChainTree } from '../../model/chain-tree.ts'
import { depthFirst } from '../../model/navigate-tree.ts'
import { isRunning } from '../../model/status.ts'
import { type TimeBar, timeBars } from '../../model/time-bars.ts'
import { KIND_ICONS } from './FlowNodes.tsx'
import { KIND_WORDS, nodeName, nodeStatus } from './node-words.ts'

interface ChainListProps {
  tree: ChainTree
  selectedId: string | null
  onSelect: (id: string) => void
}

/** The chain as an indented list: the same nodes, the same selection, for narrow screens and quick reading. */
export function ChainList({ tree, selectedId, onSelect }: ChainListProps) {
  const rows = useMemo(() => depthFirst(tree), [tree])
  const bars = useMemo(() => timeBars(tree), [tree])
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    if (!selectedId) return
    list.current?.querySelector(`[data-list-node="${CSS.escape(selectedId)}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [selectedId])
  return (
    <ul ref={list} className="chain-list" data-testid="chain-list">
      {rows.map(node => {
        const Icon = KIND_ICONS[node.kind]
        return (
          <li key={node.id}>
            <button
              type="button"
              className="chain-list-row"
              data-list-node={node.id}
              data-kind={node.kind}
              data-tone={nodeStatus(node).tone}
              aria-current={node.id === selectedId || undefined}
              style={{ '--depth': node.depth } as React.CSSProperties}
              onClick={() => onSelect(node.id)}
            >
              <Icon className="node-icon" size={13} aria-label={KIND_WORDS[node.kind]} />
              <span className="chain-list-name">{nodeName(node)}</span>
              {node.kind !== 'undetected' && node.kind !== 'folded' && (
                <>
                  <StatusMark status={nodeStatus(node)} />
                  <TimeLine bar={bars.get(node.id)} />
                  <span className="node-duration">
                    <NodeDuration node={node} />
                  </span>
                </>
              )}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

function TimeLine({ bar }: { bar: TimeBar | undefined }) {
  return (
    <span className="time-line" aria-hidden="true">
      {bar && (
        <span
          data-open={bar.open || undefined}
          style={{ left: `${bar.start * 100}%`, width: `max(2px, ${bar.length * 100}%)` }}
        />
      )}
    </span>
  )
}

function NodeDuration({ node }: { node: Extract<ChainNode, { kind: 'invocation' | 'event' | 'job' }> }) {
  const { row } = node
  return <DurationText createdAt={row.created_at} endedAt={row.ended_at} running={isRunning(row.status)} />
}
