import type { TypedDocumentNode } from '@apollo/client'
import { Link } from '@tanstack/react-router'
import { type LiveQuery, useLiveQuery } from '../../api/use-live-query.ts'
import { TimeSeries } from '../../components/chart/TimeSeries.tsx'
import { DeltaText } from '../../components/DeltaText.tsx'
import { Empty, Panel, SkeletonBlock } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { useSetRange } from '../../components/use-range.ts'
import type { ComparedWindows } from '../../model/compared-windows.ts'
import { formatShare, percentDelta } from '../../model/delta.ts'
import { count, formatCount } from '../../model/names.ts'
import { toRangeSearch } from '../../model/time-range.ts'
import { AGAINST_LABELS, compareSteps } from './compare-steps.ts'
import { type LinkTarget, ShareBar } from './parts.tsx'
import { type Both, ERRORS, type ErrorRow, FAILING, FAILING_MODULES, type FailingRow, TREND_STEPS } from './queries.ts'
import type { Windows } from './use-windows.ts'

const MAX_SHOWN = 12
const MAX_ERRORS = 50
const FAILED = ['failed', 'timeout', 'lost']

/** What fails: which functions, event modules, jobs and errors, which share of all failures, and what changed. */
export function Failures({ windows }: { windows: Windows }) {
  const variables = windows.variables
  const options = (what: string) => ({ identity: [what, windows.key], every: windows.every })
  const functions = useLiveQuery(FAILING, () => ({ ...variables(), kind: 'function' }), {
    ...options('function'),
    leads: true,
  })
  const jobs = useLiveQuery(FAILING, () => ({ ...variables(), kind: 'job' }), options('job'))
  const modules = useLiveQuery(
    FAILING_MODULES as TypedDocumentNode<Both<FailingRow>, ComparedWindows>,
    variables,
    options('module'),
  )
  return (
    <>
      <Failing
        title="Functions that fail"
        noun="invocation"
        query={functions}
        link={name => ({ to: '/invocations', search: { function: [name], status: FAILED } })}
        testId="failing-functions"
      />
      <Failing
        title="Jobs that fail"
        noun="run"
        query={jobs}
        link={name => ({ to: '/invocations', search: { q: `failed_job:${name}` } })}
        testId="failing-jobs"
      />
      <Failing
        title="Event modules that fail"
        noun="time asked"
        query={modules}
        link={name => ({ to: '/modules/$name', params: { name } })}
        testId="failing-modules"
        note="Their detector, their handler or a job of theirs failed."
      />
      <OverTime windows={windows} />
      <Errors windows={windows} />
    </>
  )
}

interface FailingProps {
  title: string
  noun: string
  query: LiveQuery<Both<FailingRow>>
  link: (name: string) => LinkTarget
  testId: string
  note?: string
}

function Failing({ title, noun, query, link, testId, note }: FailingProps) {
  return (
    <Panel
      title={title}
      className="analytics-half"
      query={query}
      aside={query.data && <span>{formatCount(query.data.now.length)}</span>}
      partial={({ now }) =>
        now.length > MAX_SHOWN ? `The first ${MAX_SHOWN} of ${formatCount(now.length)}; shares are of all.` : null
      }
      empty={({ now, before }) =>
        now.length === 0 ? (
          <Empty title="Nothing failed in this time">
            {before.length > 0
              ? `In the time compared with, ${before
                  .map(row => row.name)
                  .slice(0, 3)
                  .join(', ')}${before.length > 3 ? ' and others' : ''} did.`
              : 'Nor in the time it is compared with.'}
          </Empty>
        ) : null
      }
    >
      {({ now, before }) => {
        const all = now.reduce((sum, row) => sum + row.failed, 0)
        return (
          <div className="mini-scroll">
            <table className="mini-table" data-testid={testId}>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col" title={`Of each ${noun}`}>
                    Failed
                  </th>
                  <th scope="col">Of all failures</th>
                  <th scope="col">Change</th>
                </tr>
              </thead>
              <tbody>
                {now.slice(0, MAX_SHOWN).map(row => (
                  <tr key={row.name}>
                    <th scope="row">
                      <Link {...link(row.name)} className="mono mini-link">
                        {row.name}
                      </Link>
                    </th>
                    <td>
                      {formatCount(row.failed)} <span className="quiet">{formatShare(row.failed, row.total)}</span>
                    </td>
                    <td>
                      <ShareBar part={row.failed} whole={all} color="var(--failed)" />
                    </td>
                    <td>
                      <DeltaText
                        delta={percentDelta(row.failed, before.find(({ name }) => name === row.name)?.failed ?? 0)}
                        better="down"
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {note && <p className="analytics-note quiet">{note}</p>}
          </div>
        )
      }}
    </Panel>
  )
}

/** When it failed, over when it failed in the other window. */
function OverTime({ windows }: { windows: Windows }) {
  const setRange = useSetRange()
  const query = useLiveQuery(
    TREND_STEPS,
    () => ({ ...windows.variables(), kind: 'function', step: windows.interval }),
    { identity: [windows.key, 'function'], every: windows.every },
  )
  return (
    <Panel
      title="Failed invocations"
      className="analytics-half"
      query={query}
      skeleton={<SkeletonBlock height={190} />}
      empty={({ now, before }) =>
        [...now, ...before].every(row => row.failed === 0) ? (
          <Empty title="No invocation failed in either time" />
        ) : null
      }
    >
      {data => (
        <TimeSeries
          label="Failed invocations over time"
          span={windows.span()}
          step={windows.step}
          height={170}
          onBrush={span => setRange(toRangeSearch(span))}
          points={compareSteps(data, windows, row => row?.failed ?? 0)}
          series={[
            { key: 'now', label: 'Now', color: 'var(--failed)', shape: 'bar' },
            { key: 'before', label: AGAINST_LABELS[windows.against], color: 'var(--quiet)', shape: 'line' },
          ]}
          format={formatCount}
        />
      )}
    </Panel>
  )
}

/** Errors of jobs by what their messages have in common: which are new, which grow, which are gone. */
function Errors({ windows }: { windows: Windows }) {
  const query = useLiveQuery(ERRORS, () => ({ ...windows.variables(), limit: MAX_ERRORS }), {
    identity: ['errors', windows.key],
    every: windows.every,
  })
  return (
    <Panel
      title="Errors of jobs"
      className="analytics-all"
      query={query}
      aside={query.data && <span>{count(query.data.all.aggregate?.count ?? 0, 'kind')}</span>}
      partial={({ all }) =>
        (all.aggregate?.count ?? 0) > MAX_ERRORS
          ? `The ${MAX_ERRORS} most frequent of ${formatCount(all.aggregate?.count ?? 0)} kinds; narrow the time to see the others.`
          : null
      }
      empty={({ now, before }) =>
        now.length === 0 && before.length === 0 ? (
          <Empty title="No job failed in either time">
            Failed runs stand here by what their messages have in common, without ids, times and numbers.
          </Empty>
        ) : null
      }
    >
      {({ now, before, all }) => (
        <div className="mini-scroll">
          <table className="mini-table analytics-errors" data-testid="errors">
            <thead>
              <tr>
                <th scope="col">Error</th>
                <th scope="col">Job</th>
                <th scope="col">Runs</th>
                <th scope="col">Change</th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {now.map(row => (
                <ErrorLine key={row.fingerprint} row={row} before={before} />
              ))}
              {now.length === (all.aggregate?.count ?? 0) &&
                before
                  .filter(old => !now.some(({ fingerprint }) => fingerprint === old.fingerprint))
                  .slice(0, 10)
                  .map(row => <GoneLine key={row.fingerprint} row={row} />)}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function ErrorLine({ row, before }: { row: ErrorRow; before: readonly ErrorRow[] }) {
  const old = before.find(({ fingerprint }) => fingerprint === row.fingerprint)
  return (
    <tr>
      <th scope="row">
        <Link
          to="/chains/$rootId"
          params={{ rootId: row.last_invocation_id }}
          search={{ sel: `job:${row.last_job_execution_id}` }}
          className="analytics-pattern mini-link"
          title="The last run that failed so, in its chain"
        >
          {row.pattern}
        </Link>
      </th>
      <td className="mono">{row.job_name}</td>
      <td>{formatCount(row.runs)}</td>
      <td>
        {old ? (
          <DeltaText delta={percentDelta(row.runs, old.runs)} better="down" />
        ) : (
          <StatusMark status={{ tone: 'warning', word: 'new' }} />
        )}
      </td>
      <td>
        <RelativeTime at={row.last_seen} />
      </td>
    </tr>
  )
}

function GoneLine({ row }: { row: ErrorRow }) {
  return (
    <tr className="quiet">
      <th scope="row">
        <span className="analytics-pattern">{row.pattern}</span>
      </th>
      <td className="mono">{row.job_name}</td>
      <td>0</td>
      <td>
        <StatusMark status={{ tone: 'quiet', word: `gone, was ${formatCount(row.runs)}` }} />
      </td>
      <td>
        <RelativeTime at={row.last_seen} />
      </td>
    </tr>
  )
}
