import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import { memo } from 'react'
import { StatusShape } from '../../components/StatusMark.tsx'
import type { MapKind, MapNode } from '../../model/map/map-graph.ts'
import { formatCount } from '../../model/names.ts'
import { COLUMN_WORDS, KIND_ICONS, nodeCount, nodeLabel } from './map-words.ts'

export type MapNodeData = { node: MapNode; state: 'plain' | 'on' | 'dim'; selected: boolean }

const MapNodeBox = memo(function MapNodeBox({ data }: NodeProps<Node<MapNodeData>>) {
  const { node, state, selected } = data
  const Icon = KIND_ICONS[node.kind]
  return (
    <div
      className="map-node"
      data-node-id={node.id}
      data-kind={node.kind}
      data-state={state}
      data-failed={node.failed > 0 || undefined}
      data-folded={node.folded > 1 || undefined}
      data-selected={selected || undefined}
      title={node.name}
    >
      {node.kind !== 'table' && <Handle type="target" position={Position.Left} isConnectable={false} />}
      <span className="map-node-line">
        <Icon size={13} aria-hidden="true" />
        <span className="map-node-name mono">{nodeLabel(node)}</span>
      </span>
      <span className="map-node-line quiet">
        <span className="number">{nodeCount(node)}</span>
        {node.failed > 0 && (
          <span className="map-failed">
            <StatusShape tone="failed" /> {formatCount(node.failed)} failed
          </span>
        )}
      </span>
      {node.kind !== 'written' && <Handle type="source" position={Position.Right} isConnectable={false} />}
    </div>
  )
})

const MapColumnName = ({ data }: NodeProps<Node<{ kind: MapKind }>>) => (
  <div className="map-column">{COLUMN_WORDS[data.kind]}</div>
)

export const NODE_TYPES = { map: MapNodeBox, column: MapColumnName }
