import {
  ChevronDown,
  ChevronUp,
  ListCollapse,
  ListTree,
  Maximize2,
  Route,
  Scissors,
  Search,
  UnfoldHorizontal,
} from 'lucide-react'
import type { Ref } from 'react'
import { formatMicros } from '../../model/duration.ts'
import { count, formatCount } from '../../model/names.ts'
import { isFailedRow } from '../../model/waterfall/spans.ts'
import { StatusShape } from '../StatusMark.tsx'
import type { WaterfallModel } from './use-waterfall.ts'
import type { WaterfallState } from './waterfall-state.ts'

interface ToolbarProps {
  model: WaterfallModel
  state: WaterfallState
  text: string
  onText: (text: string) => void
  /** Which match is selected, from 1; null when none is. */
  at: number | null
  input: Ref<HTMLInputElement>
  onChange: (change: Partial<WaterfallState>) => void
  onMatch: (step: 1 | -1) => void
  onFailure: () => void
  /** Back to the rows. */
  onLeave: () => void
}

export function Toolbar({
  model,
  state,
  text,
  onText,
  at,
  input,
  onChange,
  onMatch,
  onFailure,
  onLeave,
}: ToolbarProps) {
  const { matches, problems, folding, pauses, idleFolded, tree } = model
  const failed = countFailures(model)
  return (
    <div className="wf-toolbar">
      <div className="wf-find" data-problem={problems.length > 0 || undefined}>
        <Search size={13} aria-hidden="true" />
        <input
          ref={input}
          type="search"
          value={text}
          placeholder="Find: text, status:failed, >200ms, kind:job"
          aria-label="Find in this waterfall"
          spellCheck={false}
          onChange={event => onText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter') onMatch(event.shiftKey ? -1 : 1)
            else if (event.key === 'Escape') {
              if (text !== '') onText('')
              onLeave()
            } else if (event.key === 'ArrowDown') onLeave()
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
        />
        {text.trim() !== '' && (
          <>
            <span className="wf-found" role="status" title={problems.join('\n') || undefined}>
              {problems.length > 0
                ? problems[0]
                : matches.length === 0
                  ? 'nothing found'
                  : `${at === null ? '' : `${formatCount(at)} of `}${formatCount(matches.length)}`}
            </span>
            <button
              type="button"
              className="icon-button small"
              aria-label="Previous match"
              title="Previous match (N)"
              onClick={() => onMatch(-1)}
            >
              <ChevronUp size={14} />
            </button>
            <button
              type="button"
              className="icon-button small"
              aria-label="Next match"
              title="Next match (n)"
              onClick={() => onMatch(1)}
            >
              <ChevronDown size={14} />
            </button>
            <button
              type="button"
              className="wf-switch"
              aria-pressed={state.only}
              title="Show only what is found, and what led to it"
              onClick={() => onChange({ only: !state.only })}
            >
              Matches only
            </button>
          </>
        )}
      </div>
      {failed > 0 && (
        <button
          type="button"
          className="wf-switch status"
          data-tone="failed"
          title="Go to the next failure (e)"
          onClick={onFailure}
        >
          <StatusShape tone="failed" /> {formatCount(failed)} failed
        </button>
      )}
      <Repairs model={model} />
      <span className="wf-total quiet">{count(tree.given, 'span')}</span>
      <button
        type="button"
        className="wf-switch"
        aria-pressed={state.path}
        title="What the end had to wait for (c)"
        onClick={() => onChange({ path: !state.path })}
      >
        <Route size={13} aria-hidden="true" /> <span>Critical path</span>
      </button>
      {pauses > 0 && (
        <button
          type="button"
          className="wf-switch"
          aria-pressed={idleFolded}
          title="Fold the time in which nothing ran (i)"
          onClick={() => onChange({ idle: !idleFolded, zoom: null })}
        >
          <Scissors size={13} aria-hidden="true" /> <span>Fold idle time</span>
        </button>
      )}
      <span className="wf-tools">
        <button
          type="button"
          className="icon-button small"
          aria-label="Fold all"
          title="Fold all ([)"
          onClick={folding.foldAll}
        >
          <ListCollapse size={14} />
        </button>
        <button
          type="button"
          className="icon-button small"
          aria-label="Unfold all"
          title="Unfold all (])"
          onClick={folding.unfoldAll}
        >
          {model.groups.groups.length > 0 ? <UnfoldHorizontal size={14} /> : <ListTree size={14} />}
        </button>
        <button
          type="button"
          className="icon-button small"
          aria-label="Show all the time"
          title="Show all the time (0)"
          disabled={state.zoom === null}
          onClick={() => onChange({ zoom: null })}
        >
          <Maximize2 size={14} />
        </button>
      </span>
    </div>
  )
}

/** What the recorded spans do not agree about. Nothing is left out for it. */
function Repairs({ model: { tree, outside } }: { model: WaterfallModel }) {
  const { missing, cycles } = tree.repairs
  const notes = [
    missing.length > 0 && {
      text: count(missing.length, 'missing parent'),
      why: 'Spans name a parent that is not here: it may still arrive, was not sampled, was deleted by retention, or its process records nothing. They stand under a row of their own.',
    },
    cycles.length > 0 && {
      text: `${count(cycles.length, 'circle')} cut`,
      why: `Spans that are their own ancestors. Each circle is cut at its earliest span: ${cycles
        .slice(0, 3)
        .map(({ row, parentRow }) => `${tree.table.ids[row]} names ${tree.table.ids[parentRow]}`)
        .join('; ')}.`,
    },
    outside.count > 0 && {
      text: `${count(outside.count, 'span')} outside ${outside.count === 1 ? 'its' : 'their'} parent`,
      why:
        outside.largest > 0
          ? `Clocks disagree by up to ${formatMicros(outside.largest)}. Times are shown as they were recorded.`
          : 'They end after a parent that should have waited. Times are shown as they were recorded.',
    },
  ].filter(note => note !== false)
  return notes.map(({ text, why }) => (
    <span key={text} className="wf-repair status" data-tone="warning" title={why}>
      <StatusShape tone="warning" /> {text}
    </span>
  ))
}

function countFailures({ tree: { tops, failuresBelow, table } }: WaterfallModel): number {
  let failed = 0
  for (const row of tops) failed += (failuresBelow[row] as number) + (isFailedRow(table, row) ? 1 : 0)
  return failed
}
