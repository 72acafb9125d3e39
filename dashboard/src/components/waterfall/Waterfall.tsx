import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
} from 'react'
import type { Micros, Zone } from '../../model/time.ts'
import type { Segment } from '../../model/waterfall/critical-path.ts'
import { nextFailure, nextMatch } from '../../model/waterfall/find-spans.ts'
import type { MarkIndex } from '../../model/waterfall/marks.ts'
import type { SpanTree } from '../../model/waterfall/span-tree.ts'
import { createTimeScale, type Window } from '../../model/waterfall/time-scale.ts'
import { groupOfLine, isGroupLine } from '../../model/waterfall/visible-rows.ts'
import { useKeys } from '../use-keys.ts'
import { Breaks } from './Breaks.tsx'
import { ROW_HEIGHT } from './bars.tsx'
import { Grid } from './Grid.tsx'
import { idOfLine, lineOfId, placeLines, rowOfLine } from './line-ids.ts'
import { Minimap } from './Minimap.tsx'
import { Overview } from './Overview.tsx'
import { Places } from './Places.tsx'
import { Day, Ruler } from './Ruler.tsx'
import { Toolbar } from './Toolbar.tsx'
import { useBrush } from './use-brush.ts'
import { useLate } from './use-late.ts'
import { useNameWidth } from './use-name-width.ts'
import { useWaterfall } from './use-waterfall.ts'
import { useWheel } from './use-wheel.ts'
import { useWidth } from './use-width.ts'
import { describeLine, type RowContext } from './WaterfallRow.tsx'
import { waterfallKeys } from './waterfall-keys.ts'
import type { WaterfallState } from './waterfall-state.ts'
import './waterfall.css'

export interface WaterfallHandle {
  focus: () => void
}

export interface WaterfallProps {
  ref?: Ref<WaterfallHandle>
  tree: SpanTree
  /** What runs reaches to here. */
  now: Micros
  marks?: MarkIndex | null
  zone: Zone
  state: WaterfallState
  onState: (state: WaterfallState) => void
  /** Id of a span, or `group:` and the id of the first span of a group. */
  selectedId: string | null
  /** `walked`: with a key, which should not fill the history. */
  onSelect: (id: string, how: 'walked' | 'chosen') => void
  /** Enter on a line. */
  onOpen?: () => void
  /** Whether keys work wherever the focus is, or only inside. */
  keys: 'page' | 'inside'
  /** The time that is shown at least, from the first start. */
  minTotal?: Micros
  label: string
}

const NO_KEYS = {}

/** Spans as a tree beside their times: reads, folds, zooms and finds. Every row is there, the visible ones are drawn. */
export function Waterfall(props: WaterfallProps) {
  const { tree, now, marks = null, zone, selectedId, onSelect, label } = props
  // Read where an answer comes later than the render it belongs to.
  const latest = useRef(props)
  latest.current = props
  const grid = useRef<HTMLDivElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const find = useRef<HTMLInputElement>(null)
  const prefix = useId()
  const change = useCallback((changes: Partial<WaterfallState>) => {
    const { state, onState } = latest.current
    onState({ ...state, ...changes })
  }, [])
  const [text, setText] = useLate(props.state.q, q => change({ q }), 250)
  const [zoom, setZoom] = useLate(props.state.zoom, next => change({ zoom: next }), 300)
  const state = useMemo(() => ({ ...props.state, q: text, zoom }), [props.state, text, zoom])
  const model = useWaterfall(tree, now, state, props.minTotal ?? 0)
  const { lines, groups, work, window, folding } = model

  const total = useWidth(scroller)
  const [nameWidth, separator] = useNameWidth(total)
  const width = Math.max(40, total - nameWidth)
  const scale = useMemo(() => createTimeScale(work, window, width), [work, window, width])
  const places = useMemo(
    () => placeLines(lines, tree.table.length, groups.groups.length),
    [lines, tree, groups.groups.length],
  )
  const selectedLine = lineOfId(tree, groups, selectedId)
  const index = selectedLine === null ? -1 : places.indexOf(selectedLine)

  const onWindow = useCallback(
    (next: Window | null) => {
      const whole = next === null || (next.from <= 0 && next.to >= work.total)
      const { from } = work.extent
      setZoom(whole ? null : { from: work.toTime(next.from) - from, to: work.toTime(next.to) - from })
    },
    [work, setZoom],
  )
  const toggle = useCallback(
    (line: number) => (isGroupLine(line) ? folding.toggleGroup(groupOfLine(line)) : folding.toggleRow(line)),
    [folding],
  )
  const choose = useCallback(
    (line: number) => latest.current.onSelect(idOfLine(tree, groups, line), 'chosen'),
    [tree, groups],
  )
  const goToRow = (row: number) => {
    folding.reveal(row)
    onSelect(tree.table.ids[row] as string, 'walked')
  }
  const goToMatch = (step: 1 | -1) => {
    const from = selectedLine === null ? null : rowOfLine(groups, selectedLine)
    const next = nextMatch(tree, model.matches, from, step)
    if (next !== null) goToRow(next)
  }
  const goToFailure = (step: 1 | -1) => {
    const next = nextFailure(tree, selectedLine === null ? null : rowOfLine(groups, selectedLine), step)
    if (next !== null) goToRow(next)
  }
  const moveTo = (to: number) => {
    const line = lines[to]
    if (line !== undefined) onSelect(idOfLine(tree, groups, line), 'walked')
  }

  // A selection from outside is shown: what hides it is unfolded, once.
  const shownFor = useRef<string | null>(null)
  useEffect(() => {
    if (selectedId === null || selectedLine === null || shownFor.current === selectedId) return
    shownFor.current = selectedId
    if (index === -1 && !isGroupLine(selectedLine)) folding.reveal(selectedLine)
  }, [selectedId, selectedLine, index, folding])
  // And brought into view when it changes or has just been unfolded, not whenever the chain grows.
  const isShown = index !== -1
  const latestIndex = useRef(index)
  latestIndex.current = index
  useEffect(() => {
    const element = scroller.current
    if (!element || !isShown || selectedId === null) return
    const top = latestIndex.current * ROW_HEIGHT
    const room = element.clientHeight
    if (top < element.scrollTop) element.scrollTop = Math.max(0, top - ROW_HEIGHT)
    else if (top + ROW_HEIGHT > element.scrollTop + room) element.scrollTop = top - room + 2 * ROW_HEIGHT
  }, [selectedId, isShown])

  const focus = () => grid.current?.focus({ preventScroll: true })
  useImperativeHandle(props.ref, () => ({ focus }))
  const keys = waterfallKeys({
    model,
    state,
    index,
    page: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 240) / ROW_HEIGHT) - 1),
    moveTo,
    goToRow,
    goToMatch,
    goToFailure,
    toggle,
    change,
    onWindow,
    find: () => find.current?.focus(),
    open: () => props.onOpen?.(),
  })
  useKeys(props.keys === 'page' ? keys : NO_KEYS)
  const latestKeys = useRef(keys)
  latestKeys.current = keys
  const onKeyDown = useCallback((event: KeyboardEvent) => {
    if (latest.current.keys !== 'inside' || event.ctrlKey || event.metaKey || event.altKey) return
    const handler = latestKeys.current[event.key]
    if (handler && handler(event.nativeEvent) !== false) event.preventDefault()
  }, [])

  const pathByRow = useMemo(() => {
    if (!model.path) return null
    const byRow = new Map<number, Segment[]>([...model.path.rows].map(row => [row, []]))
    for (const segment of model.path.segments) byRow.get(segment.row)?.push(segment)
    return byRow
  }, [model.path])
  const { outside, matched, collapsed, openGroups } = model
  const context = useMemo<RowContext>(
    () => ({
      tree,
      groups,
      scale,
      now,
      outside,
      marks,
      path: pathByRow,
      matched,
      collapsed,
      openGroups,
      maxIndent: Math.max(3, Math.floor((nameWidth - 150) / 12)),
      prefix,
    }),
    [tree, groups, scale, now, outside, marks, pathByRow, matched, collapsed, openGroups, nameWidth, prefix],
  )

  useWheel(scroller, nameWidth, scale, window, work, onWindow)
  const brush = useBrush((from, to) => onWindow({ from: scale.toWork(from), to: scale.toWork(to) }))
  const at = index < 0 || selectedLine === null ? -1 : model.matches.indexOf(rowOfLine(groups, selectedLine))

  return (
    <div
      className="wf"
      data-testid="waterfall"
      data-path={state.path || undefined}
      style={{ '--wf-name': `${nameWidth}px`, '--wf-width': `${width}px` } as React.CSSProperties}
    >
      <Toolbar
        model={model}
        state={state}
        text={text}
        onText={setText}
        at={at < 0 ? null : at + 1}
        input={find}
        onChange={change}
        onMatch={goToMatch}
        onFailure={() => goToFailure(1)}
        onLeave={focus}
      />
      <div className="wf-top">
        <div className="wf-corner">
          <div className="wf-places">
            <Places scroller={scroller} tree={tree} groups={groups} lines={lines} onGo={goToRow} />
          </div>
          <Day scale={scale} zone={zone} />
        </div>
        <div className="wf-times">
          <Minimap tree={tree} work={work} now={now} width={width} window={window} onWindow={onWindow} />
          <div className="wf-ruler-box" title="Drag to look closer" {...brush.handlers}>
            <Ruler scale={scale} zone={zone} />
            {brush.range && (
              <span className="wf-brush" style={{ left: brush.range[0], width: brush.range[1] - brush.range[0] }} />
            )}
          </div>
        </div>
      </div>
      <div className="wf-body">
        <Grid
          grid={grid}
          scroller={scroller}
          context={context}
          lines={lines}
          index={index}
          label={label}
          onKeyDown={onKeyDown}
          onChoose={choose}
          onToggle={toggle}
        />
        <div className="wf-overlay" aria-hidden="true">
          <Breaks scale={scale} />
        </div>
        <Overview tree={tree} lines={lines} matched={matched} />
        <div className="wf-separator" {...separator} />
      </div>
      <p className="sr-only" aria-live="polite">
        {selectedLine === null ? '' : describeLine(context, selectedLine)}
      </p>
    </div>
  )
}
