import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { StatusMark } from '../../components/StatusMark.tsx'
import type { ChainNode, ChainTree } from '../../model/chain-tree.ts'
import type { Micros } from '../../model/time.ts'
import { KIND_ICONS } from './FlowNodes.tsx'
import { KIND_WORDS, nodeName, nodeStatus } from './node-words.ts'
import { EventPanel } from './panels/EventPanel.tsx'
import { FoldedPanel } from './panels/FoldedPanel.tsx'
import { InvocationPanel } from './panels/InvocationPanel.tsx'
import { JobPanel } from './panels/JobPanel.tsx'
import { Links } from './panels/Links.tsx'
import { UndetectedPanel } from './panels/UndetectedPanel.tsx'
import '../../components/detail/detail.css'

interface SidePanelProps {
  node: ChainNode
  /** What is drawn. */
  tree: ChainTree
  /** All of it. */
  whole: ChainTree
  startedAt: Micros
  /** Over the whole screen. */
  sheet: boolean
  onSelect: (id: string) => void
  onClose: () => void
}

export function SidePanel({ node, tree, whole, startedAt, sheet, onSelect, onClose }: SidePanelProps) {
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (sheet) close.current?.focus()
  }, [sheet])
  const Icon = KIND_ICONS[node.kind]
  return (
    <aside
      className="side-panel"
      data-testid="side-panel"
      data-node={node.id}
      data-sheet={sheet || undefined}
      aria-label={`${KIND_WORDS[node.kind]} details`}
    >
      <header className="panel-head">
        <Icon className="node-icon" size={15} aria-hidden="true" />
        <div className="panel-title">
          <span className="panel-kind">{KIND_WORDS[node.kind]}</span>
          <h2 className="mono">{nodeName(node)}</h2>
        </div>
        {node.kind !== 'folded' && <StatusMark status={nodeStatus(node)} />}
        <button
          ref={close}
          type="button"
          className="icon-button"
          aria-label="Close"
          title="Close (Esc)"
          onClick={onClose}
        >
          <X size={16} />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section className="panel-body" tabIndex={0} aria-label="Details">
        <Links node={node} tree={tree} whole={whole} onSelect={onSelect} />
        <PanelContent node={node} whole={whole} startedAt={startedAt} onSelect={onSelect} />
      </section>
    </aside>
  )
}

function PanelContent({
  node,
  whole,
  startedAt,
  onSelect,
}: Pick<SidePanelProps, 'node' | 'whole' | 'startedAt' | 'onSelect'>) {
  switch (node.kind) {
    case 'invocation':
      return <InvocationPanel node={node} startedAt={startedAt} />
    case 'event':
      return <EventPanel node={node} startedAt={startedAt} />
    case 'job':
      return <JobPanel node={node} startedAt={startedAt} />
    case 'undetected':
      return <UndetectedPanel node={node} />
    case 'folded':
      return <FoldedPanel node={node} whole={whole} onSelect={onSelect} />
  }
  node satisfies never
}
