import { BaseEdge, type Edge, type EdgeProps, Position } from '@xyflow/react'
import { memo } from 'react'
import type { FlowEdgeData } from './flow-elements.ts'

/** All edges into one column bend at the same distance before it, so siblings share one trunk. */
const BEND_BEFORE_TARGET = 18
const RADIUS = 7

const FlowEdge = memo(function FlowEdge(props: EdgeProps<Edge<FlowEdgeData>>) {
  return <BaseEdge id={props.id} path={pathOf(props)} className={`edge edge-${props.data?.state ?? 'plain'}`} />
})

function pathOf({ sourceX, sourceY, targetX, targetY, sourcePosition }: EdgeProps): string {
  if (sourcePosition === Position.Bottom) {
    // From an event down along its jobs.
    return `M${sourceX},${sourceY - 4}V${targetY - RADIUS}q0,${RADIUS} ${RADIUS},${RADIUS}H${targetX}`
  }
  const down = targetY - sourceY
  if (Math.abs(down) < 1) return `M${sourceX},${sourceY}H${targetX}`
  const bendX = targetX - BEND_BEFORE_TARGET
  const radius = Math.min(RADIUS, Math.abs(down) / 2)
  const turn = Math.sign(down) * radius
  return `M${sourceX},${sourceY}H${bendX - radius}q${radius},0 ${radius},${turn}V${targetY - turn}q0,${turn} ${radius},${turn}H${targetX}`
}

export const EDGE_TYPES = { chain: FlowEdge }
