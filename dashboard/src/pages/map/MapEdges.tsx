import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath, Position } from '@xyflow/react'
import { memo } from 'react'

export type MapEdgeData = {
  state: 'plain' | 'on' | 'dim'
  failed: boolean
  /** In pixels. */
  width: number
  /** Null: not shown. */
  label: string | null
}

const MapEdgeLine = memo(function MapEdgeLine(props: EdgeProps<Edge<MapEdgeData>>) {
  const { id, sourceX, sourceY, targetX, targetY, data } = props
  const [path, labelX, labelY] = getBezierPath({
    sourceX,
    sourceY,
    sourcePosition: Position.Right,
    targetX,
    targetY,
    targetPosition: Position.Left,
    curvature: 0.4,
  })
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={`map-edge map-edge-${data?.state ?? 'plain'}${data?.failed ? ' map-edge-failed' : ''}`}
        style={{ strokeWidth: data?.width ?? 1 }}
      />
      {data?.label && (
        <EdgeLabelRenderer>
          <div
            className="map-edge-label number"
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {data.label}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  )
})

export const EDGE_TYPES = { map: MapEdgeLine }
