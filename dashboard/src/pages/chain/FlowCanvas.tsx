import {
  ControlButton,
  Controls,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  ViewportPortal,
} from '@xyflow/react'
import { FileCode2, ImageDown } from 'lucide-react'
import { type Ref, useEffect, useImperativeHandle, useMemo, useRef } from 'react'
import type { ChainTree } from '../../model/chain-tree.ts'
import type { ChainLayout } from '../../model/layout.ts'
import { exportFlow } from './export-flow.ts'
import { EDGE_TYPES } from './FlowEdge.tsx'
import { NODE_TYPES } from './FlowNodes.tsx'
import { toFlowEdges, toFlowNodes } from './flow-elements.ts'
import '@xyflow/react/dist/base.css'
import './flow.css'

export interface FlowHandle {
  fit: () => void
}

interface FlowCanvasProps {
  ref: Ref<FlowHandle>
  tree: ChainTree
  layout: ChainLayout
  selectedId: string | null
  /** The selected node and everything that led to it. */
  pathIds: ReadonlySet<string>
  onSelect: (id: string | null) => void
}

export function FlowCanvas(props: FlowCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

/** Smaller than this nothing can be read, so a big chain starts at its root instead of as a postage stamp. */
const READABLE_ZOOM = 0.29
/** What does not fit anyway is not made smaller than this for its other side. */
const COMFORTABLE_ZOOM = 0.75
const FAR_ZOOM = 0.62
const VERY_FAR_ZOOM = 0.42
const PADDING = 32
/** How far the dots of the ground reach beyond the nodes. */
const GROUND = 4_800

function Canvas({ ref, tree, layout, selectedId, pathIds, onSelect }: FlowCanvasProps) {
  const { setViewport, getViewport, getZoom } = useReactFlow()
  const width = useStore(state => state.width)
  const height = useStore(state => state.height)
  const far = useStore(({ transform: [, , zoom] }) =>
    zoom < VERY_FAR_ZOOM ? 'very' : zoom < FAR_ZOOM ? 'yes' : undefined,
  )
  const touched = useRef(false)
  const root = useRef<HTMLDivElement>(null)
  const nodes = useMemo(() => toFlowNodes(tree, layout, selectedId, pathIds), [tree, layout, selectedId, pathIds])
  const edges = useMemo(() => toFlowEdges(tree, layout, pathIds), [tree, layout, pathIds])

  const fit = (duration: number, whatever = false) => {
    if (width === 0 || height === 0) return
    const inWidth = (width - 2 * PADDING) / layout.width
    const inHeight = (height - 2 * PADDING) / layout.height
    const whole = Math.min(inWidth, inHeight, 1)
    const side = Math.min(Math.max(inWidth, inHeight), COMFORTABLE_ZOOM)
    const zoom = whatever || whole >= READABLE_ZOOM ? whole : Math.max(READABLE_ZOOM, side)
    // What does not fit is shown around the selection, or from the root on.
    const center = selectedId ? layout.nodes.get(selectedId) : undefined
    const shift = (size: number, length: number, at: number | undefined) => {
      if (length * zoom <= size - 2 * PADDING + 1) return (size - length * zoom) / 2
      const wanted = at === undefined ? PADDING : size / 2 - at * zoom
      return Math.max(size - PADDING - length * zoom, Math.min(PADDING, wanted))
    }
    void setViewport(
      {
        zoom,
        x: shift(width, layout.width, center && center.x + center.width / 2),
        y: shift(height, layout.height, center && center.y + center.height / 2),
      },
      { duration: stillness() ? 0 : duration },
    )
  }
  const latestFit = useRef(fit)
  latestFit.current = fit
  useImperativeHandle(ref, () => ({
    fit: () => {
      touched.current = false
      latestFit.current(250, true)
    },
  }))

  const drawn = useRef(false)
  useEffect(() => {
    if (touched.current || width === 0) return
    latestFit.current(drawn.current ? 250 : 0)
    drawn.current = true
  }, [layout.width, layout.height, width, height])

  // A selection made with a key or a link is brought into view; one that is in view moves nothing.
  const place = selectedId ? layout.nodes.get(selectedId) : undefined
  const latestPlace = useRef(place)
  latestPlace.current = place
  useEffect(() => {
    const target = latestPlace.current
    if (!selectedId || !target || width === 0) return
    const { x, y, zoom } = getViewport()
    const left = target.x * zoom + x
    const top = target.y * zoom + y
    const moveX = intoRange(left, left + target.width * zoom, width)
    const moveY = intoRange(top, top + target.height * zoom, height)
    if (moveX === 0 && moveY === 0) return
    touched.current = true
    void setViewport({ x: x + moveX, y: y + moveY, zoom }, { duration: stillness() ? 0 : 180 })
  }, [selectedId, width, height, getViewport, setViewport])

  return (
    <div ref={root} className="flow" data-far={far} data-testid="flow">
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
          // Not by state: that would draw all nodes anew.
          if (root.current) root.current.dataset.moving = 'true'
        }}
        onMoveEnd={() => {
          if (root.current) delete root.current.dataset.moving
        }}
        onNodeClick={(_, node) => {
          // The panel that opens makes the canvas narrower: that is no reason to move the drawing.
          touched.current = true
          onSelect(node.id)
        }}
        onPaneClick={() => onSelect(null)}
      >
        <ViewportPortal>
          <div className="flow-dots" style={{ width: layout.width + 2 * GROUND, height: layout.height + 2 * GROUND }} />
        </ViewportPortal>
        <Controls
          showInteractive={false}
          onFitView={() => {
            touched.current = false
            latestFit.current(250, true)
          }}
          onZoomIn={() => {
            touched.current = true
          }}
          onZoomOut={() => {
            touched.current = true
          }}
          fitViewOptions={{ duration: 0, minZoom: getZoom(), maxZoom: getZoom() }}
        >
          <ControlButton
            title="Save as SVG"
            aria-label="Save as SVG"
            onClick={() => void exportFlow(tree, layout, 'svg')}
          >
            <FileCode2 className="flow-export" />
          </ControlButton>
          <ControlButton
            title="Save as PNG"
            aria-label="Save as PNG"
            onClick={() => void exportFlow(tree, layout, 'png')}
          >
            <ImageDown className="flow-export" />
          </ControlButton>
        </Controls>
        <MiniMap
          pannable
          zoomable
          ariaLabel="Overview of the chain"
          style={{ width: 168, height: 104 }}
          nodeClassName={node => `mini mini-${String(node.data.tone)} mini-${node.type}`}
          maskColor="var(--flow-mask)"
          bgColor="var(--surface)"
        />
      </ReactFlow>
    </div>
  )
}

/** How far to move so that from..to lies inside the window, with a little air. */
function intoRange(from: number, to: number, size: number): number {
  const air = 24
  if (from < air) return air - from
  if (to > size - air) return Math.max(size - air - to, air - from)
  return 0
}

function stillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
