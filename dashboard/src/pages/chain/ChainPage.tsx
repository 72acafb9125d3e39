import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Notice } from '../../components/Notice.tsx'
import { useSpans } from '../spans/use-spans.ts'
import { ChainView } from './ChainView.tsx'
import { type ChainSearch, isUuid } from './url.ts'
import { useChain } from './use-chain.ts'
import './chain.css'

const route = getRouteApi('/chains/$rootId')

export function ChainPage() {
  const { rootId } = route.useParams()
  return isUuid(rootId) ? <KnownChain key={rootId} id={rootId} /> : <UnknownChain id={rootId} />
}

function KnownChain({ id }: { id: string }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const narrow = useMediaQuery('(max-width: 760px)', window.innerWidth <= 760, { getInitialValueInEffect: false })
  const view = search.view ?? (narrow ? 'waterfall' : 'flow')
  const spans = useSpans({ rootId: id, skip: view !== 'waterfall' && view !== 'table' })
  // A chain of 50,000 spans is read for the waterfall first: the rest of the page would take its place in the queue.
  const chain = useChain(
    id,
    search.sel,
    view === 'flow',
    view === 'waterfall' && !spans.shown && spans.query.failure === null,
  )
  const elsewhere = chain.state === 'elsewhere' ? chain.rootId : null

  // The address names the root, so that everybody's link to this chain is the same.
  useEffect(() => {
    if (elsewhere === null) return
    void navigate({
      to: '/chains/$rootId',
      params: { rootId: elsewhere },
      search: { ...search, sel: search.sel ?? `invocation:${id}` },
      replace: true,
    })
  }, [elsewhere, id, navigate, search])

  switch (chain.state) {
    case 'elsewhere':
    case 'loading':
      return <p className="chain-loading quiet">Reading the chain</p>
    case 'failed':
      return (
        <Notice tone="failed" title="The chain cannot be read">
          <p>{chain.failure.message}. The page tries again by itself.</p>
        </Notice>
      )
    case 'unknown':
      return <UnknownChain id={id} />
    case 'ready':
      return (
        <ChainView
          rootId={id}
          chain={chain}
          spans={spans}
          view={view}
          narrow={narrow}
          search={search}
          onSearch={(change, replace) => void navigate({ search: withChange(search, change), replace })}
        />
      )
  }
  chain satisfies never
}

/** What is undefined is taken out of the address. */
function withChange(search: ChainSearch, change: Partial<ChainSearch>): ChainSearch {
  return Object.fromEntries(Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined))
}

function UnknownChain({ id }: { id: string }) {
  useEffect(() => {
    document.title = 'Unknown chain · Event Detector Observability'
  }, [])
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
        {isUuid(id)
          ? 'It may have been removed with old data, or belong to another environment. If it has only just started, it appears here by itself as soon as it is written.'
          : 'That is not an id: the link may be cut off.'}
      </p>
    </Notice>
  )
}
