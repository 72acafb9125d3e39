import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { Notice } from '../components/Notice.tsx'
import { parseChainSearch } from '../pages/chain/url.ts'
import { InvocationsPage } from '../pages/invocations/InvocationsPage.tsx'
import { parseInvocationsSearch } from '../pages/invocations/url.ts'
import { Shell } from './Shell.tsx'
import { parseSearch, stringifySearch } from './search-params.ts'

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken })

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/invocations', replace: true })
  },
})

const invocationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invocations',
  validateSearch: parseInvocationsSearch,
  component: InvocationsPage,
})

// The canvas library is loaded with the first chain, not with the list.
const chainRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chains/$rootId',
  validateSearch: parseChainSearch,
  component: lazyRouteComponent(() => import('../pages/chain/ChainPage.tsx'), 'ChainPage'),
})

export function createAppRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([indexRoute, invocationsRoute, chainRoute]),
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}

function NotFound() {
  return (
    <Notice
      title="There is no page at this address"
      action={
        <Link to="/invocations" className="button">
          Go to invocations
        </Link>
      }
    >
      <p>The link may be cut off, or come from another version.</p>
    </Notice>
  )
}

function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <Notice
      tone="failed"
      title="This page broke"
      action={
        <>
          <button type="button" className="button" onClick={reset}>
            Try again
          </button>
          <Link to="/invocations" className="button">
            Go to invocations
          </Link>
        </>
      }
    >
      <p>The recorded data is not affected. What went wrong:</p>
      <pre className="mono">{error instanceof Error ? error.message : String(error)}</pre>
    </Notice>
  )
}
