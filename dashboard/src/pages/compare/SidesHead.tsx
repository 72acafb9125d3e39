import { Link } from '@tanstack/react-router'
import { ArrowLeftRight } from 'lucide-react'
import type { LiveQuery } from '../../api/use-live-query.ts'
import { OperationTag } from '../../components/OperationTag.tsx'
import { Empty, SkeletonBlock } from '../../components/Panel.tsx'
import { AbsoluteTime, RelativeTime } from '../../components/TimeText.tsx'
import { shortId, shortTable } from '../../model/names.ts'
import type { Kind, Preset } from './url.ts'

interface Sided {
  id: string
  created_at: string
  invocation_id?: string
  job_name?: string
  source_table?: string | null
  source_operation?: string | null
  source_record_id?: string | null
}

/** What stands left and right, the way to each, and others to compare the right one with. */
export function SidesHead({
  kind,
  left,
  right,
  query,
}: {
  kind: Kind
  left: string
  right: string
  query: Pick<LiveQuery<unknown>, 'failure'> & { data: { left: Sided | null; right: Sided | null } | undefined }
}) {
  const of = kind === 'invocation' ? {} : ({ kind } as const)
  return (
    <div className="compare-sides">
      <Side side="Left" id={left} row={query.data?.left} kind={kind} waiting={query.data === undefined}>
        {PRESET_LINKS[kind].map(([preset, label]) => (
          <Link key={preset} to="/compare" search={{ ...of, left: preset, right }} className="button">
            {label}
          </Link>
        ))}
      </Side>
      <Link
        from="/compare"
        to="/compare"
        search={before => ({ ...before, left: right, right: left })}
        className="icon-button compare-swap"
        aria-label="Swap the sides"
        title="Swap the sides (x)"
      >
        <ArrowLeftRight size={16} />
      </Link>
      <Side side="Right" id={right} row={query.data?.right} kind={kind} waiting={query.data === undefined} />
    </div>
  )
}

const PRESET_LINKS: Record<Kind, [Preset, string][]> = {
  invocation: [
    ['last-good', 'Last good before the right'],
    ['previous', 'The one before it'],
  ],
  chain: [
    ['last-good', 'Last good before the right'],
    ['previous', 'The one before it'],
  ],
  job: [
    ['last-good', 'Last good run before the right'],
    ['previous', 'The run before it'],
  ],
}

function Side({
  side,
  id,
  row,
  kind,
  waiting,
  children,
}: {
  side: string
  id: string
  row: Sided | null | undefined
  kind: Kind
  waiting: boolean
  children?: React.ReactNode
}) {
  if (waiting) return <SkeletonBlock height={86} />
  return (
    <section className="panel compare-side" aria-label={side}>
      <h2>
        {side} <span className="quiet">{row ? <RelativeTime at={row.created_at} /> : 'not found'}</span>
      </h2>
      <p className="compare-side-name">
        {row ? <SideLink row={row} kind={kind} /> : <span className="mono">{shortId(id)}</span>}
        {row && (
          <span className="quiet">
            <AbsoluteTime at={row.created_at} />
          </span>
        )}
      </p>
      {children && <p className="compare-presets">{children}</p>}
    </section>
  )
}

function SideLink({ row, kind }: { row: Sided; kind: Kind }) {
  if (kind === 'job') {
    return (
      <Link
        to="/chains/$rootId"
        params={{ rootId: row.invocation_id ?? '' }}
        search={{ sel: `job:${row.id}` }}
        className="mono link-button"
      >
        {row.job_name}
      </Link>
    )
  }
  const name = (
    <>
      <OperationTag operation={row.source_operation ?? null} />{' '}
      <span className="mono">{shortTable(row.source_table ?? null)}</span>{' '}
      <span className="mono quiet">{shortId(row.source_record_id ?? row.id)}</span>
    </>
  )
  return kind === 'chain' ? (
    <Link to="/chains/$rootId" params={{ rootId: row.id }} className="mini-link">
      {name}
    </Link>
  ) : (
    <Link to="/invocations/$id" params={{ id: row.id }} className="mini-link">
      {name}
    </Link>
  )
}

/** One or both ids belong to nothing: the other side is still told above. */
export function SideMissing({ noun, left, right }: { noun: string; left: string | null; right: string | null }) {
  return (
    <section className="panel">
      <Empty
        title={left && right ? `No ${noun} has either id` : `No ${noun} has the ${left ? 'left' : 'right'} id`}
        action={
          <Link to="/compare" className="button">
            Choose two others
          </Link>
        }
      >
        It may have been removed with old data, or belong to another environment. If it has only just started, it
        appears here by itself.
      </Empty>
    </section>
  )
}
