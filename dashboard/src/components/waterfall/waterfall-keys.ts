import { panWindow, type Window, zoomWindow } from '../../model/waterfall/time-scale.ts'
import { groupOfLine, isGroupLine } from '../../model/waterfall/visible-rows.ts'
import { rowOfLine } from './line-ids.ts'
import type { WaterfallModel } from './use-waterfall.ts'
import type { WaterfallState } from './waterfall-state.ts'

interface KeyActions {
  model: WaterfallModel
  state: WaterfallState
  /** Index of the active line; -1 when there is none. */
  index: number
  page: number
  moveTo: (index: number) => void
  goToRow: (row: number) => void
  goToMatch: (step: 1 | -1) => void
  goToFailure: (step: 1 | -1) => void
  toggle: (line: number) => void
  change: (change: Partial<WaterfallState>) => void
  onWindow: (window: Window | null) => void
  find: () => void
  open: () => void
}

/** What each key does in a waterfall. A handler that returns false leaves the key to others. */
export function waterfallKeys(actions: KeyActions): Record<string, (event: KeyboardEvent) => unknown> {
  const { model, state, index, page, moveTo, goToRow, goToMatch, goToFailure, toggle, change, onWindow } = actions
  const { lines, tree, folding, work, window } = model
  const line = lines[index]
  const down = (by: number) => () => moveTo(index < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, index + by)))
  const middle = (window.from + window.to) / 2
  const pan = (share: number) => () => onWindow(panWindow(work, window, share * (window.to - window.from)))
  const zoom = (factor: number) => () => onWindow(zoomWindow(work, window, middle, factor))

  const isOpen = (at: number) =>
    isGroupLine(at) ? model.openGroups.has(groupOfLine(at)) : !model.collapsed.has(at) && (tree.sizes[at] as number) > 1
  const canOpen = (at: number) =>
    isGroupLine(at) ? !model.openGroups.has(groupOfLine(at)) : model.collapsed.has(at) && (tree.sizes[at] as number) > 1
  const right = () => {
    if (line === undefined) return moveTo(0)
    if (canOpen(line)) return toggle(line)
    if (isOpen(line)) return moveTo(index + 1)
  }
  const left = () => {
    if (line === undefined) return moveTo(0)
    if (isOpen(line)) return toggle(line)
    const row = rowOfLine(model.groups, line)
    const parent = tree.parents[row] as number
    if (parent >= 0) goToRow(parent)
  }
  return {
    ArrowDown: down(1),
    ArrowUp: down(-1),
    j: down(1),
    k: down(-1),
    PageDown: down(page),
    PageUp: down(-page),
    Home: () => moveTo(0),
    End: () => moveTo(lines.length - 1),
    ArrowRight: right,
    ArrowLeft: left,
    Enter: () => (line === undefined ? false : actions.open()),
    e: () => goToFailure(1),
    E: () => goToFailure(-1),
    n: () => (state.q === '' ? false : goToMatch(1)),
    N: () => (state.q === '' ? false : goToMatch(-1)),
    '/': actions.find,
    '[': folding.foldAll,
    ']': folding.unfoldAll,
    o: () => folding.showLevels(1),
    O: () => folding.showLevels(-1),
    c: () => change({ path: !state.path }),
    i: () => (model.pauses === 0 ? false : change({ idle: !model.idleFolded, zoom: null })),
    m: () => (state.q === '' ? false : change({ only: !state.only })),
    w: zoom(0.6),
    s: zoom(1 / 0.6),
    W: zoom(0.2),
    S: zoom(5),
    a: pan(-0.2),
    d: pan(0.2),
    A: pan(-0.8),
    D: pan(0.8),
    '0': () => onWindow(null),
  }
}
