import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import { CircleSlash2, Cog, Database, Layers, Zap } from 'lucide-react'
import { Fragment, memo, type ReactNode } from 'react'
import { OperationTag } from '../../components/OperationTag.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { DurationText } from '../../components/TimeText.tsx'
import type { ChainNode } from '../../model/chain-tree.ts'
import { shortId, shortTable } from '../../model/names.ts'
import { isRunning } from '../../model/status.ts'
import type { FlowNodeData } from './flow-elements.ts'
import { KIND_WORDS, nodeName, nodeStatus } from './node-words.ts'

type Props = NodeProps<Node<FlowNodeData>>

export const KIND_ICONS = {
  invocation: Database,
  event: Zap,
  job: Cog,
  undetected: CircleSlash2,
  folded: Layers,
} as const

const FlowNode = memo(function FlowNode({ data }: Props) {
  const { node, selected, onPath } = data
  return (
    <div
      className={`node node-${node.kind}`}
      data-node-id={node.id}
      data-kind={node.kind}
      data-tone={nodeStatus(node).tone}
      data-status={nodeStatus(node).word}
      data-selected={selected || undefined}
      data-on-path={onPath || undefined}
      title={node.kind === 'undetected' ? node.rows.map(row => row.event_name).join('\n') : undefined}
    >
      {node.parentId !== null && <Handle type="target" position={Position.Left} isConnectable={false} />}
      <NodeBody node={node} />
      <span className="node-far-status">
        <StatusShape tone={nodeStatus(node).tone} />
      </span>
      {node.childIds.length > 0 && (
        <Handle
          type="source"
          position={node.kind === 'event' ? Position.Bottom : Position.Right}
          style={node.kind === 'event' ? { left: 14 } : undefined}
          isConnectable={false}
        />
      )}
    </div>
  )
})

function NodeBody({ node }: { node: ChainNode }) {
  switch (node.kind) {
    case 'invocation':
      return (
        <>
          <div className="node-line">
            <OperationTag operation={node.row.source_operation} />
            <span className="node-name" title={node.row.source_table ?? undefined}>
              <BreakableName name={shortTable(node.row.source_table)} />
            </span>
          </div>
          <div className="node-line node-detail">
            <span className="node-key" title={node.row.source_record_id ?? undefined}>
              {node.row.source_record_id ? shortId(node.row.source_record_id) : 'no key'}
            </span>
            <span className="node-function" title={node.row.source_function}>
              {node.row.source_function}
            </span>
          </div>
          <Foot node={node}>
            <DurationText
              createdAt={node.row.created_at}
              endedAt={node.row.ended_at}
              fallbackMs={node.row.total_duration_ms}
              running={isRunning(node.row.status)}
            />
          </Foot>
        </>
      )
    case 'event':
      return (
        <>
          <Named node={node} />
          <Foot node={node}>
            <DurationText
              createdAt={node.row.created_at}
              endedAt={node.row.ended_at ?? node.row.detection_ended_at}
              fallbackMs={(node.row.detection_duration_ms ?? 0) + (node.row.handler_duration_ms ?? 0)}
              running={isRunning(node.row.status)}
            />
          </Foot>
        </>
      )
    case 'job':
      return (
        <>
          <Named node={node} />
          <Foot node={node}>
            <DurationText
              createdAt={node.row.created_at}
              endedAt={node.row.ended_at}
              fallbackMs={node.row.duration_ms}
              running={isRunning(node.row.status)}
            />
          </Foot>
        </>
      )
    case 'undetected':
    case 'folded':
      return (
        <div className="node-line">
          <StatusShape tone={nodeStatus(node).tone} />
          <span className="node-name">{nodeName(node)}</span>
        </div>
      )
  }
  node satisfies never
}

function Named({ node }: { node: ChainNode }) {
  const Icon = KIND_ICONS[node.kind]
  return (
    <div className="node-line">
      <Icon className="node-icon" size={13} aria-label={KIND_WORDS[node.kind]} />
      <span className="node-name" title={nodeName(node)}>
        <BreakableName name={nodeName(node)} />
      </span>
    </div>
  )
}

/** Breaks, where it must, between the words of `sendMail` and `order.first_paid`. */
function BreakableName({ name }: { name: string }) {
  return name.split(/(?<=[._-])|(?<=[a-z0-9])(?=[A-Z])/).map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ))
}

function Foot({ node, children }: { node: ChainNode; children: ReactNode }) {
  return (
    <div className="node-line node-foot">
      <StatusMark status={nodeStatus(node)} />
      <span className="node-duration">{children}</span>
    </div>
  )
}

export const NODE_TYPES = {
  invocation: FlowNode,
  event: FlowNode,
  undetected: FlowNode,
  job: FlowNode,
  folded: FlowNode,
}
