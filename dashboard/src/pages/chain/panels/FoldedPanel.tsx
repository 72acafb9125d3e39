import { Section } from '../../../components/detail/parts.tsx'
import { StatusMark } from '../../../components/StatusMark.tsx'
import type { ChainTree, FoldedNode } from '../../../model/chain-tree.ts'
import { formatCount } from '../../../model/names.ts'
import { KIND_WORDS, nodeName, nodeStatus } from '../node-words.ts'

const MAX_LISTED = 200

/** What is not drawn here. Choosing one draws it. */
export function FoldedPanel({
  node,
  whole,
  onSelect,
}: {
  node: FoldedNode
  whole: ChainTree
  onSelect: (id: string) => void
}) {
  return (
    <Section title="Folded here" aside={`${formatCount(node.hiddenIds.length)} nodes`}>
      <ul className="undetected">
        {node.topIds.slice(0, MAX_LISTED).map(id => {
          const hidden = whole.nodes.get(id)
          return (
            hidden && (
              <li key={id}>
                <button type="button" className="node-link" onClick={() => onSelect(id)}>
                  <StatusMark status={nodeStatus(hidden)} wordless />
                  <span className="quiet">{KIND_WORDS[hidden.kind]}</span>
                  <span className="mono">{nodeName(hidden)}</span>
                </button>
              </li>
            )
          )
        })}
      </ul>
      {node.topIds.length > MAX_LISTED && (
        <p className="quiet">
          The first {MAX_LISTED} of {formatCount(node.topIds.length)} are listed.
        </p>
      )}
    </Section>
  )
}
