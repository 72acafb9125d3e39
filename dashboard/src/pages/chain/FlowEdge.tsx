import { BaseEdge, type Edge, type EdgeProps, getSmoothStepPath, Position } from '@xyflow/react'
import { memo } from 'react'
import type { FlowEdgeData } from './flow-elements.ts'

/** All edges into one column bend at the same distance before it, so siblings share one trunk. */
const BEND_BEFORE_TARGET = 20

const FlowEdge = memo(function FlowEdge(props: EdgeProps<Edge<FlowEdgeData>>) {
  return <BaseEdge id={props.id} path={pathOf(props)} className={`edge edge-${props.data?.state ?? 'plain'}`} />
})

function pathOf({ sourceX, sourceY, targetX, targetY, sourcePosition }: EdgeProps): string {
  if (sourcePosition === Position.Bottom) {
    // From an event down along its jobs.
    const radius = 8
    return `M${sourceX},${sourceY - 4}V${targetY - radius}Q${sourceX},${targetY} ${sourceX + radius},${targetY}H${targetX}`
  }
  const [path] = getSmoothStepPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition: Position.Right,
    targetPosition: Position.Left,
    borderRadius: 8,
    centerX: targetX - BEND_BEFORE_TARGET,
  })
  return path
}

export const EDGE_TYPES = { chain: FlowEdge }
