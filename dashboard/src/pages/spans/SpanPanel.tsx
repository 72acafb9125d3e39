import { Link } from '@tanstack/react-router'
import { ArrowLeft, ArrowRight, Waypoints, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { ErrorSection, Fact, Facts, IdFact, JsonSection, ReadFailure, Section } from '../../components/detail/parts.tsx'
import { StatusMark, StatusShape } from '../../components/StatusMark.tsx'
import { useZone } from '../../components/use-zone.ts'
import { formatMicros, formatOffset } from '../../model/duration.ts'
import { count, formatCount } from '../../model/names.ts'
import { formatAbsolute, formatClock } from '../../model/time.ts'
import { marksOf } from '../../model/waterfall/marks.ts'
import { STARTS_BEFORE } from '../../model/waterfall/outside-parent.ts'
import { outsideParentOf } from '../../model/waterfall/settled.ts'
import { groupSiblings } from '../../model/waterfall/sibling-groups.ts'
import { endOf, kindOf, nameOf, toneOf } from '../../model/waterfall/spans.ts'
import { SPAN_DETAIL } from './queries.ts'
import { KIND_LABELS, toneStatus } from './span-words.ts'
import type { Spans } from './use-spans.ts'
import '../../components/detail/detail.css'

type Shown = NonNullable<Spans['shown']>

interface SpanPanelProps {
  shown: Shown
  row: number
  /** It is about all siblings that are folded into one line, of which this is the first. */
  isGroup: boolean
  sheet: boolean
  onSelect: (id: string) => void
  onClose: () => void
}

/** No more links than this are drawn at once. */
const MAX_LINKS = 50

/** About a span that has no panel of its own: a trace row, a missing parent, folded siblings. */
export function SpanPanel({ shown, row, isGroup, sheet, onSelect, onClose }: SpanPanelProps) {
  const { tree } = shown
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (sheet) close.current?.focus()
  }, [sheet])
  const kind = kindOf(tree.table, row)
  return (
    <aside
      className="side-panel"
      data-testid="side-panel"
      data-node={tree.table.ids[row]}
      data-sheet={sheet || undefined}
      aria-label={`${KIND_LABELS[kind]} details`}
    >
      <header className="panel-head">
        <Waypoints className="node-icon" size={15} aria-hidden="true" />
        <div className="panel-title">
          <span className="panel-kind">{isGroup ? 'Equal siblings' : KIND_LABELS[kind]}</span>
          <h2 className="mono">{nameOf(tree.table, row)}</h2>
        </div>
        {kind !== 'missing' && <StatusMark status={toneStatus(toneOf(tree.table, row), kind)} />}
        <button
          ref={close}
          type="button"
          className="icon-button"
          aria-label="Close"
          title="Close (Esc)"
          onClick={onClose}
        >
          <X size={16} />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section className="panel-body" tabIndex={0} aria-label="Details">
        {isGroup ? (
          <GroupContent shown={shown} row={row} onSelect={onSelect} />
        ) : (
          <SpanContent shown={shown} row={row} onSelect={onSelect} />
        )}
      </section>
    </aside>
  )
}

function SpanContent({ shown, row, onSelect }: Pick<SpanPanelProps, 'shown' | 'row' | 'onSelect'>) {
  const { tree, now } = shown
  const { table, parents, children, firstChild } = tree
  const [zone] = useZone()
  const kind = kindOf(table, row)
  const id = (table.ids[row] as string).replace(/^[a-z]+:/, '')
  const start = table.starts[row] as number
  const parent = parents[row] as number
  const below = children.subarray(firstChild[row], firstChild[row + 1])
  const outside = outsideParentOf(tree, now).flags[row] as number
  const detail = table.words[table.details[row] as number]
  const lines = marksOf(shown.marks, row)
  return (
    <>
      <nav className="links" aria-label="Cause and consequences">
        <div>
          <h3>
            <ArrowLeft size={12} aria-hidden="true" /> Caused by
          </h3>
          {parent >= 0 ? (
            <SpanLink shown={shown} row={parent} onSelect={onSelect} />
          ) : (
            <p className="quiet">Nothing: it stands at the top.</p>
          )}
        </div>
        <div>
          <h3>
            <ArrowRight size={12} aria-hidden="true" /> Led to
          </h3>
          {below.length === 0 && <p className="quiet">Nothing.</p>}
          <SpanLinks shown={shown} rows={below} onSelect={onSelect} />
        </div>
      </nav>
      {kind === 'missing' && (
        <Section title="Why it is missing">
          <p>
            {count(below.length, 'span')} {below.length === 1 ? 'names' : 'name'} it as{' '}
            {below.length === 1 ? 'its' : 'their'} parent, and it was not found. It may still arrive, was not sampled,
            was deleted by retention, or runs in a process that records nothing.
          </p>
        </Section>
      )}
      {kind === 'span' && <TraceRow id={id} />}
      <Section title="Time">
        <Facts>
          <Fact name="Started">
            <span className="number">{formatAbsolute(start, zone)}</span>
          </Fact>
          <Fact name="Duration">
            <span className="number">{formatMicros(endOf(table, row, now) - start)}</span>
            {Number.isNaN(table.ends[row]) && <span className="quiet"> so far</span>}
          </Fact>
          {outside !== 0 && parent >= 0 && (
            <Fact name="Clock">
              {outside & STARTS_BEFORE
                ? `It starts ${formatMicros((table.starts[parent] as number) - start)} before its parent: two clocks disagree. Times are shown as recorded.`
                : `It ends ${formatMicros(endOf(table, row, now) - endOf(table, parent, now))} after its parent.`}
            </Fact>
          )}
          {table.services[row] !== 0 && (
            <Fact name="Service">
              <span className="mono">{table.words[table.services[row] as number]}</span>
            </Fact>
          )}
          {detail && <Fact name="Details">{detail}</Fact>}
          {kind !== 'missing' && <IdFact name="Id" id={id} />}
          {kind === 'invocation' && (
            <Fact name="Chain">
              <Link to="/chains/$rootId" params={{ rootId: id }} className="text-link">
                Open where it belongs
              </Link>
            </Fact>
          )}
        </Facts>
      </Section>
      {lines.length > 0 && (
        <Section title="Marks" aside={count(lines.length, 'mark')}>
          <ol className="console">
            {lines.slice(0, MAX_LINKS).map((mark, index) => (
              <li
                key={index}
                data-level={mark.tone === 'failed' ? 'error' : mark.tone === 'warning' ? 'warn' : undefined}
              >
                <time title={formatAbsolute(mark.at, zone)}>{formatOffset(mark.at - start)}</time>
                <span className="console-level">{mark.kind === 'change' ? 'row' : ''}</span>
                <span className="console-message">{mark.text}</span>
              </li>
            ))}
          </ol>
        </Section>
      )}
    </>
  )
}

/** What a span of OpenTelemetry brought with it. */
function TraceRow({ id }: { id: string }) {
  const { data, failure } = useLiveQuery(SPAN_DETAIL, { id }, { every: 5 })
  const detail = data?.events[0]
  return (
    <>
      <ReadFailure what="The attributes" failure={failure} />
      {detail && (
        <>
          <ErrorSection title="Error" message={detail.error_message} stack={detail.error_stack} />
          {detail.http_method && (
            <Section title="Request">
              <Facts>
                <Fact name={detail.http_method}>
                  <span className="mono">{detail.http_url ?? 'address not recorded'}</span>
                </Fact>
                {detail.http_status !== null && <Fact name="Status">{detail.http_status}</Fact>}
              </Facts>
            </Section>
          )}
          <JsonSection title="Attributes" value={detail.attributes ?? detail.data} none="No attributes were sent." />
          {detail.properties !== null && <JsonSection title="Properties" value={detail.properties} none="" />}
          <Section title="Span">
            <Facts>
              <IdFact name="Trace id" id={detail.trace_id} />
              <IdFact name="Span id" id={detail.span_id} />
            </Facts>
          </Section>
        </>
      )}
    </>
  )
}

function GroupContent({ shown, row, onSelect }: Pick<SpanPanelProps, 'shown' | 'row' | 'onSelect'>) {
  const { tree, now } = shown
  const [zone] = useZone()
  const { groups, groupOf } = groupSiblings(tree)
  const rows = groups[groupOf[row] as number]?.rows ?? Int32Array.of(row)
  const lengths = Array.from(rows, at => endOf(tree.table, at, now) - (tree.table.starts[at] as number)).sort(
    (a, b) => a - b,
  )
  const share = (part: number) =>
    formatMicros(lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * part))] as number)
  return (
    <>
      <Section title="Together">
        <Facts>
          <Fact name="How many">{formatCount(rows.length)}</Fact>
          <Fact name="Shortest">{share(0)}</Fact>
          <Fact name="Median">{share(0.5)}</Fact>
          <Fact name="Longest">{share(1)}</Fact>
          <Fact name="First">{formatClock(tree.table.starts[rows[0] as number] as number, zone, 6)}</Fact>
        </Facts>
      </Section>
      <Section title="Each of them">
        <SpanLinks shown={shown} rows={rows} onSelect={onSelect} />
      </Section>
    </>
  )
}

function SpanLinks({ shown, rows, onSelect }: { shown: Shown; rows: Int32Array; onSelect: (id: string) => void }) {
  return (
    <>
      {Array.from(rows.subarray(0, MAX_LINKS), row => (
        <SpanLink key={row} shown={shown} row={row} onSelect={onSelect} />
      ))}
      {rows.length > MAX_LINKS && <p className="quiet">and {formatCount(rows.length - MAX_LINKS)} more</p>}
    </>
  )
}

function SpanLink({ shown: { tree }, row, onSelect }: { shown: Shown; row: number; onSelect: (id: string) => void }) {
  const id = tree.table.ids[row] as string
  return (
    <button type="button" className="node-link" data-goto={id} onClick={() => onSelect(id)}>
      <StatusShape tone={toneOf(tree.table, row)} />
      <span className="quiet">{KIND_LABELS[kindOf(tree.table, row)]}</span>
      <span className="mono">{nameOf(tree.table, row)}</span>
    </button>
  )
}
