import { BaseEdge, type Edge, type EdgeProps, getSmoothStepPath, Position } from '@xyflow/react'
import { memo } from 'react'
import type { FlowEdgeData } from './flow-elements.ts'

/** All edges into one column bend at the same distance before it, so siblings share one trunk. */
const BEND_BEFORE_TARGET = 23

const FlowEdge = memo(function FlowEdge({
  id,
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
}: EdgeProps<Edge<FlowEdgeData>>) {
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
  return <BaseEdge id={id} path={path} className={`edge edge-${data?.state ?? 'plain'}`} />
})

export const EDGE_TYPES = { chain: FlowEdge }
