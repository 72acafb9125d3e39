import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Notice } from '../../components/Notice.tsx'
import { ChainView } from './ChainView.tsx'
import { isUuid } from './url.ts'
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
  const chain = useChain(id, search.sel)
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
          chain={chain}
          selectedId={search.sel ?? null}
          view={search.view}
          onSelect={(sel, replace) => {
            const { sel: _, ...rest } = search
            void navigate({ search: sel ? { ...rest, sel } : rest, replace })
          }}
          onView={view => void navigate({ search: { ...search, view }, replace: true })}
        />
      )
  }
  chain satisfies never
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
