import type { ChainNode, ChainTree } from '../../model/chain-tree.ts'
import { describeNode } from './node-words.ts'

interface SpokenChainProps {
  tree: ChainTree
  selected: ChainNode | null
  onSelect: (id: string) => void
}

/** The drawing as a list, for those who do not see it; and the selected node, said aloud. */
export function SpokenChain({ tree, selected, onSelect }: SpokenChainProps) {
  return (
    <div className="sr-only">
      <p aria-live="polite">{selected ? describeNode(tree, selected) : ''}</p>
      <ol aria-label="All nodes of the chain">
        {[...tree.nodes.values()].map(node => (
          <li key={node.id}>
            {/* Reached with a reader's own cursor; with Tab one would be lost in what cannot be seen. */}
            <button type="button" tabIndex={-1} data-list-node={node.id} onClick={() => onSelect(node.id)}>
              Level {Math.floor(node.depth / 3) + 1}. {describeNode(tree, node)}
            </button>
          </li>
        ))}
      </ol>
    </div>
  )
}
