import {
  Background,
  BackgroundVariant,
  Controls,
  type Edge,
  MiniMap,
  type Node,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from '@xyflow/react'
import { type Ref, useEffect, useImperativeHandle, useMemo, useRef } from 'react'
import { MAP_NODE, type MapLayout } from '../../model/map/layout-map.ts'
import type { MapGraph } from '../../model/map/map-graph.ts'
import { EDGE_TYPES, type MapEdgeData } from './MapEdges.tsx'
import { NODE_TYPES } from './MapNodes.tsx'
import { edgeLabel } from './map-words.ts'
import '@xyflow/react/dist/base.css'

export interface MapHandle {
  fit: () => void
}

interface MapCanvasProps {
  ref: Ref<MapHandle>
  graph: MapGraph
  layout: MapLayout
  selectedId: string | null
  /** The node whose edges say their numbers. */
  focusId: string | null
  /** What is lit; null: everything alike. */
  lit: ReadonlySet<string> | null
  spanMs: number
  onSelect: (id: string | null) => void
  onHover: (id: string | null) => void
}

const PADDING = 28
/** Smaller than this nothing can be read: then it begins at the top left. */
const READABLE_ZOOM = 0.5
/** More labels than this cover each other. */
const MAX_LABELS = 14

export function MapCanvas(props: MapCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

function Canvas({ ref, graph, layout, selectedId, focusId, lit, spanMs, onSelect, onHover }: MapCanvasProps) {
  const { setViewport, getViewport } = useReactFlow()
  const width = useStore(state => state.width)
  const height = useStore(state => state.height)
  const touched = useRef(false)
  const nodes = useMemo(() => toNodes(graph, layout, selectedId, lit), [graph, layout, selectedId, lit])
  const edges = useMemo(() => toEdges(graph, focusId, lit, spanMs), [graph, focusId, lit, spanMs])

  const fit = (duration: number) => {
    if (width === 0 || height === 0) return
    const whole = Math.min((width - 2 * PADDING) / layout.width, (height - 2 * PADDING) / layout.height, 1)
    const zoom = Math.max(whole, READABLE_ZOOM)
    const center = (size: number, length: number) => Math.max(PADDING, (size - length * zoom) / 2)
    const x = center(width, layout.width)
    const y = center(height, layout.height)
    void setViewport({ zoom, x, y }, { duration: isStill() ? 0 : duration })
  }
  const latestFit = useRef(fit)
  latestFit.current = fit
  useImperativeHandle(ref, () => ({
    fit: () => {
      touched.current = false
      latestFit.current(250)
    },
  }))
  useEffect(() => {
    if (!touched.current && width > 0) latestFit.current(0)
  }, [layout.width, layout.height, width, height])

  // What a key or a link chose is brought into view.
  const place = selectedId ? layout.nodes.get(selectedId) : undefined
  useEffect(() => {
    if (!place || width === 0) return
    const { x, y, zoom } = getViewport()
    const moveX = intoView(place.x * zoom + x, (place.x + place.width) * zoom + x, width)
    const moveY = intoView(place.y * zoom + y, (place.y + place.height) * zoom + y, height)
    if (moveX !== 0 || moveY !== 0) {
      void setViewport({ x: x + moveX, y: y + moveY, zoom }, { duration: isStill() ? 0 : 180 })
    }
  }, [place?.x, place?.y, width, height, getViewport, setViewport, place])

  return (
    <div className="map-canvas" data-testid="map">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        minZoom={0.05}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnDoubleClick={false}
        panActivationKeyCode={null}
        disableKeyboardA11y
        proOptions={{ hideAttribution: true }}
        onMoveStart={event => {
          if (event) touched.current = true
        }}
        onNodeClick={(_, node) => {
          if (node.type !== 'map') return
          touched.current = true
          onSelect(node.id)
        }}
        onNodeMouseEnter={(_, node) => node.type === 'map' && onHover(node.id)}
        onNodeMouseLeave={() => onHover(null)}
        onPaneClick={() => onSelect(null)}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1.2} color="var(--map-dots)" />
        <Controls
          showInteractive={false}
          onFitView={() => {
            touched.current = false
            latestFit.current(250)
          }}
        />
        <MiniMap
          pannable
          zoomable
          ariaLabel="Overview of the map"
          style={{ width: 150, height: 92 }}
          nodeClassName={node => `map-mini${node.data.failed ? ' map-mini-failed' : ''}`}
          maskColor="var(--map-mask)"
          bgColor="var(--surface)"
        />
      </ReactFlow>
    </div>
  )
}

function toNodes(
  graph: MapGraph,
  layout: MapLayout,
  selectedId: string | null,
  lit: ReadonlySet<string> | null,
): Node[] {
  const columns: Node[] = layout.columns.map(({ kind, x }) => ({
    id: `column ${kind}`,
    type: 'column',
    position: { x, y: 0 },
    data: { kind },
    width: MAP_NODE.width,
    height: 20,
  }))
  const boxes = [...graph.nodes.values()].flatMap(node => {
    const placed = layout.nodes.get(node.id)
    if (!placed) return []
    const state = lit === null ? 'plain' : lit.has(node.id) ? 'on' : 'dim'
    return {
      id: node.id,
      type: 'map',
      position: { x: placed.x, y: placed.y },
      width: placed.width,
      height: placed.height,
      data: { node, state, selected: node.id === selectedId, failed: node.failed > 0 },
    }
  })
  return [...columns, ...boxes]
}

function toEdges(
  graph: MapGraph,
  focusId: string | null,
  lit: ReadonlySet<string> | null,
  spanMs: number,
): Edge<MapEdgeData>[] {
  const own = graph.edges.filter(edge => edge.source === focusId || edge.target === focusId)
  const labelled = new Set(
    [...own]
      .sort((a, b) => b.calls - a.calls)
      .slice(0, MAX_LABELS)
      .map(edge => edge.id),
  )
  return graph.edges.map(edge => {
    const isLit = lit?.has(edge.source) && lit.has(edge.target)
    const state = lit === null ? 'plain' : isLit ? 'on' : 'dim'
    return {
      id: edge.id,
      source: edge.source,
      target: edge.target,
      type: 'map',
      zIndex: state === 'on' ? 1 : 0,
      data: {
        state,
        failed: edge.failed > 0,
        width: 1 + Math.log10(Math.max(1, edge.calls)),
        label: labelled.has(edge.id) ? edgeLabel(edge, spanMs) : null,
      },
    }
  })
}

/** How far to move so that from..to lies inside. */
function intoView(from: number, to: number, size: number): number {
  if (from < PADDING) return PADDING - from
  return to > size - PADDING ? Math.max(size - PADDING - to, PADDING - from) : 0
}

const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches
