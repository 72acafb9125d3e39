import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Notice } from '../../components/Notice.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import { useZone } from '../../components/use-zone.ts'
import { formatMicros } from '../../model/duration.ts'
import { count, shortId } from '../../model/names.ts'
import { formatAbsolute } from '../../model/time.ts'
import { extentOf } from '../../model/waterfall/idle-gaps.ts'
import { isFailedRow, nameOf } from '../../model/waterfall/spans.ts'
import { SpanPanel } from '../spans/SpanPanel.tsx'
import { SpansWaterfall } from '../spans/SpansWaterfall.tsx'
import { type Spans, useSpans } from '../spans/use-spans.ts'
import type { TraceSearch } from './url.ts'
import '../chain/chain.css'
import './traces.css'

const route = getRouteApi('/traces/$traceId')

/** One trace: the spans that OpenTelemetry sent, together with the executions that ran in it. */
export function TracePage() {
  const { traceId } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const narrow = useMediaQuery('(max-width: 760px)', window.innerWidth <= 760, { getInitialValueInEffect: false })
  const spans = useSpans({ traceId, leads: true })
  const { shown } = spans
  const row = search.sel === undefined ? undefined : shown?.tree.rowOf.get(search.sel.replace(/^group:/, ''))
  const onSearch = (change: Partial<TraceSearch>, replace: boolean) =>
    void navigate({
      search: Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined)),
      replace,
    })
  const close = () => {
    onSearch({ sel: undefined } as Partial<TraceSearch>, false)
    document.querySelector<HTMLElement>('[role="treegrid"]')?.focus({ preventScroll: true })
  }
  useKeys({ Escape: () => (row === undefined ? false : close()) })
  usePageTitle(shown ? `Trace ${nameOf(shown.tree.table, shown.tree.tops[0] ?? 0)}` : 'Trace')
  return (
    <div className="chain">
      <TraceHeader traceId={traceId} spans={spans} />
      <div className="chain-body" data-panel={row === undefined ? undefined : 'open'}>
        <section
          className="chain-main"
          aria-label="Trace"
          data-space-pauses
          inert={(narrow && row !== undefined) || undefined}
        >
          <SpansWaterfall
            spans={spans}
            label="Waterfall of the trace"
            search={search}
            onSearch={onSearch}
            selectedId={search.sel ?? null}
            onSelect={(sel, replace) => onSearch({ sel }, replace)}
            onOpen={() => document.querySelector<HTMLElement>('.panel-body')?.focus()}
            empty={<UnknownTrace traceId={traceId} />}
          />
        </section>
        {row !== undefined && shown && (
          <SpanPanel
            key={search.sel}
            shown={shown}
            row={row}
            isGroup={search.sel?.startsWith('group:') ?? false}
            sheet={narrow}
            onSelect={sel => onSearch({ sel }, false)}
            onClose={close}
          />
        )}
      </div>
    </div>
  )
}

function TraceHeader({ traceId, spans: { shown } }: { traceId: string; spans: Spans }) {
  const [zone] = useZone()
  return (
    <header className="chain-header" data-testid="trace-header">
      <div className="chain-title">
        <Link to="/traces" className="icon-button" aria-label="Back to traces" title="Back to traces">
          <ArrowLeft size={16} />
        </Link>
        <h1>
          <span className="mono chain-table">
            {shown ? nameOf(shown.tree.table, shown.tree.tops[0] ?? 0) : 'Trace'}
          </span>
        </h1>
        {shown && <TraceStatus shown={shown} />}
      </div>
      <dl className="chain-facts">
        {shown && <TraceFacts shown={shown} zone={zone} />}
        <div>
          <dt>Trace</dt>
          <dd>
            <span className="mono" title={traceId}>
              {shortId(traceId)}
            </span>
            <CopyButton text={traceId} what="trace id" />
          </dd>
        </div>
      </dl>
    </header>
  )
}

type Shown = NonNullable<Spans['shown']>

function failuresIn({ tree }: Shown): number {
  let failed = 0
  for (const top of tree.tops) failed += (tree.failuresBelow[top] as number) + (isFailedRow(tree.table, top) ? 1 : 0)
  return failed
}

function TraceStatus({ shown }: { shown: Shown }) {
  const failed = failuresIn(shown)
  return <StatusMark status={failed > 0 ? { tone: 'failed', word: `${failed} failed` } : { tone: 'ok', word: 'ok' }} />
}

function TraceFacts({ shown, zone }: { shown: Shown; zone: 'local' | 'utc' }) {
  const { tree, now, read } = shown
  const { from, to } = extentOf(tree.table, now)
  const services = new Set(tree.table.services)
  services.delete(0)
  return (
    <>
      <div>
        <dt>Spans</dt>
        <dd>{count(tree.given, 'span')}</dd>
      </div>
      <div>
        <dt>Services</dt>
        <dd>{services.size}</dd>
      </div>
      {read.invocations > 0 && (
        <div>
          <dt>Invocations</dt>
          <dd>{read.invocations}</dd>
        </div>
      )}
      <div>
        <dt>Duration</dt>
        <dd className="number">{formatMicros(to - from)}</dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd className="number">{formatAbsolute(from, zone)}</dd>
      </div>
    </>
  )
}

function UnknownTrace({ traceId }: { traceId: string }) {
  return (
    <Notice
      inPage
      title="No trace has this id"
      action={
        <Link to="/traces" className="button">
          Go to traces
        </Link>
      }
    >
      <p>
        <code className="mono">{traceId}</code>
      </p>
      <p>
        It may have been removed with old data, not been sampled, or belong to another environment. If it is on its way,
        it appears here by itself.
      </p>
    </Notice>
  )
}
