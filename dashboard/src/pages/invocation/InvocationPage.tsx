import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useEffect } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { type LiveQuery, useLiveQuery } from '../../api/use-live-query.ts'
import { rememberRecent } from '../../app/palette/recents.ts'
import { ChangedRow } from '../../components/ChangedRow.tsx'
import { lastListSearch } from '../../components/last-list-search.ts'
import { Notice } from '../../components/Notice.tsx'
import { Answer, SkeletonRows } from '../../components/Panel.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { shortId, shortTable } from '../../model/names.ts'
import { isRunning, toInvocationStatus } from '../../model/status.ts'
import { Console } from './Console.tsx'
import { Deliveries } from './Deliveries.tsx'
import { Jobs } from './Jobs.tsx'
import { Modules } from './Modules.tsx'
import { Payload, Raw, RowDiffPart } from './Payload.tsx'
import { INVOCATION, INVOCATION_PRIVATE, type Invocation, type InvocationPrivate } from './queries.ts'
import { Replay } from './replay/Replay.tsx'
import { Summary } from './Summary.tsx'
import { TABS, type Tab } from './url.ts'
import '../../components/detail/detail.css'
import './invocation.css'

const route = getRouteApi('/invocations/$id')
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const LABELS: Record<Tab, string> = {
  summary: 'Summary',
  modules: 'Modules',
  jobs: 'Jobs',
  row: 'Row',
  payload: 'Payload',
  console: 'Console',
  delivery: 'Delivery',
  replay: 'Replay',
  raw: 'Raw',
}

/** One invocation by its id, whatever the time range. */
export function InvocationPage() {
  const { id } = route.useParams()
  return UUID.test(id) ? <KnownId key={id} id={id} /> : <Unknown id={id} />
}

function KnownId({ id }: { id: string }) {
  const { seesPayloads } = useApi()
  const query = useLiveQuery(INVOCATION, { id }, { subscribe: true, leads: true })
  const found = query.data?.invocations_by_pk
  const running = found ? isRunning(found.status) : true
  const secret = useLiveQuery(INVOCATION_PRIVATE, { id }, { every: running ? 1 : 10, skip: !seesPayloads })
  const title = found ? `${found.source_operation ?? ''} ${shortTable(found.source_table)}`.trim() : 'Invocation'
  usePageTitle(title)
  useEffect(() => {
    if (found) {
      rememberRecent({
        href: `/invocations/${id}`,
        title: `Invocation ${title} ${shortId(found.source_record_id ?? id)}`,
      })
    }
  }, [found?.id, title, id, found])

  return (
    <div className="page-scroll" data-space-pauses>
      <Answer
        query={query}
        skeleton={<SkeletonRows rows={12} />}
        empty={data => (data.invocations_by_pk ? null : <Unknown id={id} />)}
      >
        {data => data.invocations_by_pk && <Known invocation={data.invocations_by_pk} secret={secret} />}
      </Answer>
    </div>
  )
}

type Secret = LiveQuery<{ invocations_by_pk: InvocationPrivate | null }>

function Known({ invocation, secret }: { invocation: Invocation; secret: Secret }) {
  const { tab = 'summary' } = route.useSearch()
  const { config, isOperator } = useApi()
  const counts: Partial<Record<Tab, number>> = {
    modules: invocation.event_executions.length,
    jobs: invocation.job_executions.length,
  }
  return (
    <div className="invocation">
      <header className="invocation-head">
        <Link to="/invocations" search={lastListSearch()} className="icon-button" aria-label="Back to the invocations">
          <ArrowLeft size={16} />
        </Link>
        <h1>
          <ChangedRow row={invocation} />
        </h1>
        <StatusMark status={toInvocationStatus(invocation)} />
        <Link to="/compare" search={{ left: 'last-good', right: invocation.id }} className="button invocation-compare">
          Compare
        </Link>
        {config.features.correlationChains && (
          <Link
            to="/chains/$rootId"
            params={{ rootId: invocation.id }}
            search={{ sel: `invocation:${invocation.id}` }}
            className="button invocation-chain"
          >
            Open the chain
          </Link>
        )}
      </header>
      <nav className="tabs" aria-label="Parts of the invocation">
        {TABS.filter(name => name !== 'replay' || name === tab || (isOperator && config.replay !== null)).map(name => (
          <Link
            key={name}
            to="/invocations/$id"
            params={{ id: invocation.id }}
            search={name === 'summary' ? {} : { tab: name }}
            className="tab"
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={name === tab ? 'page' : undefined}
            resetScroll={false}
          >
            {LABELS[name]}
            {counts[name] !== undefined && <span className="quiet number">{counts[name]}</span>}
          </Link>
        ))}
      </nav>
      <div className="panel invocation-body" data-testid={`tab-${tab}`}>
        <Part tab={tab} invocation={invocation} secret={secret} />
      </div>
    </div>
  )
}

function Part({ tab, invocation, secret }: { tab: Tab; invocation: Invocation; secret: Secret }) {
  switch (tab) {
    case 'summary':
      return <Summary invocation={invocation} secret={secret.data?.invocations_by_pk ?? null} />
    case 'modules':
      return <Modules invocation={invocation} secret={secret.data?.invocations_by_pk ?? null} />
    case 'jobs':
      return <Jobs invocation={invocation} secret={secret.data?.invocations_by_pk ?? null} />
    case 'row':
      return <RowDiffPart secret={secret} invocation={invocation} />
    case 'payload':
      return <Payload secret={secret} />
    case 'console':
      return <Console invocation={invocation} />
    case 'delivery':
      return <Deliveries invocation={invocation} secret={secret.data?.invocations_by_pk ?? null} />
    case 'replay':
      return <Replay invocation={invocation} secret={secret} />
    case 'raw':
      return <Raw invocation={invocation} secret={secret.data?.invocations_by_pk ?? null} />
  }
  tab satisfies never
}

function Unknown({ id }: { id: string }) {
  return (
    <Notice
      title="No invocation has this id"
      action={
        <Link to="/invocations" className="button">
          Go to invocations
        </Link>
      }
    >
      <p>
        <code className="mono">{id}</code>
      </p>
      <p>
        {UUID.test(id)
          ? 'It may have been removed with old data, or belong to another environment. If it has only just started, it appears here by itself as soon as it is written.'
          : 'That is not an id: the link may be cut off.'}
      </p>
    </Notice>
  )
}
