import { ArrowLeft, ArrowRight } from 'lucide-react'
import { StatusShape } from '../../../components/StatusMark.tsx'
import type { ChainNode, ChainTree } from '../../../model/chain-tree.ts'
import { KIND_WORDS, nodeName, nodeStatus } from '../node-words.ts'

interface LinksProps {
  node: ChainNode
  tree: ChainTree
  whole: ChainTree
  onSelect: (id: string) => void
}

/** What led to this node and what it led to. Choosing one goes there. */
export function Links({ node, tree, whole, onSelect }: LinksProps) {
  const cause = node.parentId === null ? null : whole.nodes.get(node.parentId)
  const effects = (tree.nodes.get(node.id)?.childIds ?? [])
    .map(id => tree.nodes.get(id))
    .filter(child => child !== undefined)
  const isOrphan = node.kind === 'invocation' && node.orphan
  return (
    <nav className="links" aria-label="Cause and consequences">
      <div>
        <h3>
          <ArrowLeft size={12} aria-hidden="true" /> Caused by
        </h3>
        {isOrphan && <p className="quiet">A job that is not recorded in this chain (yet).</p>}
        {!isOrphan && cause && <NodeLink node={cause} onSelect={onSelect} />}
        {!cause && <RootCause node={node} whole={whole} onSelect={onSelect} />}
      </div>
      <div>
        <h3>
          <ArrowRight size={12} aria-hidden="true" /> Led to
        </h3>
        {effects.length === 0 && <p className="quiet">{noEffect(node)}</p>}
        {effects.map(child => (
          <NodeLink key={child.id} node={child} onSelect={onSelect} />
        ))}
      </div>
    </nav>
  )
}

function RootCause({ node, whole, onSelect }: { node: ChainNode; whole: ChainTree; onSelect: (id: string) => void }) {
  const closing = whole.loop ? whole.nodes.get(whole.loop.jobNodeId) : undefined
  if (closing) {
    return (
      <>
        <NodeLink node={closing} onSelect={onSelect} />
        <p className="loop-note">This chain runs in a circle: one of its own jobs fired its first invocation again.</p>
      </>
    )
  }
  return (
    <p className="quiet">
      {node.kind === 'invocation' && node.row.source_job_id
        ? 'A job that is not recorded (yet).'
        : 'No job: the chain starts here, with a change from outside.'}
    </p>
  )
}

function NodeLink({ node, onSelect }: { node: ChainNode; onSelect: (id: string) => void }) {
  return (
    <button type="button" className="node-link" data-goto={node.id} onClick={() => onSelect(node.id)}>
      <StatusShape tone={nodeStatus(node).tone} />
      <span className="quiet">{KIND_WORDS[node.kind]}</span>
      <span className="mono">{nodeName(node)}</span>
    </button>
  )
}

function noEffect(node: ChainNode): string {
  switch (node.kind) {
    case 'invocation':
      return 'No event module was asked.'
    case 'event':
      return 'It ran no job.'
    case 'job':
      return 'No invocation: it wrote nothing that fires a trigger, or not under its tracking token.'
    case 'undetected':
      return 'Nothing: these events did not happen.'
    case 'folded':
      return 'Not drawn.'
  }
  node satisfies never
}
