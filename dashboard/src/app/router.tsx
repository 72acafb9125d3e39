import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router'
import { parseRangeSearch } from '../model/time-range.ts'
import { parseAnalyticsSearch } from '../pages/analytics/url.ts'
import { parseChainSearch } from '../pages/chain/url.ts'
import { parseCompareSearch } from '../pages/compare/url.ts'
import { parseCorrelationsSearch } from '../pages/correlations/url.ts'
import { parseInvocationSearch } from '../pages/invocation/url.ts'
import { parseInvocationsSearch } from '../pages/invocations/url.ts'
import { parseJobSearch, parseJobsSearch } from '../pages/jobs/url.ts'
import { parseLiveSearch } from '../pages/live/url.ts'
import { parseLogsSearch } from '../pages/logs/url.ts'
import { parseMapSearch } from '../pages/map/url.ts'
import { parseModuleSearch, parseModulesSearch } from '../pages/modules/url.ts'
import { parseTelemetrySearch } from '../pages/telemetry/url.ts'
import { parseTraceSearch, parseTracesSearch } from '../pages/traces/url.ts'
import { Broken, NotFound } from './route-failures.tsx'
import { Shell } from './Shell.tsx'
import { parseSearch, stringifySearch } from './search-params.ts'

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Broken,
  // The time range belongs to all pages: it stays while one goes from one to another.
  validateSearch: parseRangeSearch,
  search: { middlewares: [retainSearchParams(['from', 'to'])] },
})

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  staticData: { range: true },
  component: lazyRouteComponent(() => import('../pages/overview/OverviewPage.tsx'), 'OverviewPage'),
})

const invocationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invocations',
  staticData: { range: true },
  validateSearch: parseInvocationsSearch,
  component: lazyRouteComponent(() => import('../pages/invocations/InvocationsPage.tsx'), 'InvocationsPage'),
})

const invocationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invocations/$id',
  validateSearch: parseInvocationSearch,
  component: lazyRouteComponent(() => import('../pages/invocation/InvocationPage.tsx'), 'InvocationPage'),
})

const correlationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/correlations',
  staticData: { range: true },
  validateSearch: parseCorrelationsSearch,
  component: lazyRouteComponent(() => import('../pages/correlations/CorrelationsPage.tsx'), 'CorrelationsPage'),
})

const correlationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/correlations/$key',
  component: lazyRouteComponent(() => import('../pages/correlations/CorrelationPage.tsx'), 'CorrelationPage'),
})

const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs',
  staticData: { range: true },
  validateSearch: parseJobsSearch,
  component: lazyRouteComponent(() => import('../pages/jobs/JobsPage.tsx'), 'JobsPage'),
})

const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs/$name',
  staticData: { range: true },
  validateSearch: parseJobSearch,
  component: lazyRouteComponent(() => import('../pages/jobs/JobPage.tsx'), 'JobPage'),
})

const modulesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/modules',
  staticData: { range: true },
  validateSearch: parseModulesSearch,
  component: lazyRouteComponent(() => import('../pages/modules/ModulesPage.tsx'), 'ModulesPage'),
})

const moduleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/modules/$name',
  staticData: { range: true },
  validateSearch: parseModuleSearch,
  component: lazyRouteComponent(() => import('../pages/modules/ModulePage.tsx'), 'ModulePage'),
})

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/compare',
  validateSearch: parseCompareSearch,
  component: lazyRouteComponent(() => import('../pages/compare/ComparePage.tsx'), 'ComparePage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/settings/SettingsPage.tsx'), 'SettingsPage'),
})

const chainRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chains/$rootId',
  validateSearch: parseChainSearch,
  component: lazyRouteComponent(() => import('../pages/chain/ChainPage.tsx'), 'ChainPage'),
})

const mapRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/map',
  staticData: { range: true },
  validateSearch: parseMapSearch,
  component: lazyRouteComponent(() => import('../pages/map/MapPage.tsx'), 'MapPage'),
})

const liveRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/live',
  validateSearch: parseLiveSearch,
  component: lazyRouteComponent(() => import('../pages/live/LivePage.tsx'), 'LivePage'),
})

const logsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/logs',
  staticData: { range: true },
  validateSearch: parseLogsSearch,
  component: lazyRouteComponent(() => import('../pages/logs/LogsPage.tsx'), 'LogsPage'),
})

const analyticsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/analytics',
  staticData: { range: true },
  validateSearch: parseAnalyticsSearch,
  component: lazyRouteComponent(() => import('../pages/analytics/AnalyticsPage.tsx'), 'AnalyticsPage'),
})

const telemetryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/telemetry',
  staticData: { range: true },
  validateSearch: parseTelemetrySearch,
  component: lazyRouteComponent(() => import('../pages/telemetry/TelemetryPage.tsx'), 'TelemetryPage'),
})

const tracesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces',
  staticData: { range: true },
  validateSearch: parseTracesSearch,
  component: lazyRouteComponent(() => import('../pages/traces/TracesPage.tsx'), 'TracesPage'),
})

const traceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces/$traceId',
  validateSearch: parseTraceSearch,
  component: lazyRouteComponent(() => import('../pages/traces/TracePage.tsx'), 'TracePage'),
})

// Each page is loaded when it is first opened, or when the pointer rests on a link to it.
const routeTree = rootRoute.addChildren([
  overviewRoute,
  invocationsRoute,
  invocationRoute,
  correlationsRoute,
  correlationRoute,
  jobsRoute,
  jobRoute,
  modulesRoute,
  moduleRoute,
  compareRoute,
  settingsRoute,
  liveRoute,
  mapRoute,
  logsRoute,
  analyticsRoute,
  telemetryRoute,
  chainRoute,
  tracesRoute,
  traceRoute,
])

export function createAppRouter() {
  return createRouter({
    routeTree,
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
  interface StaticDataRouteOption {
    /** The page is about a time range: the control for it is shown. */
    range?: boolean
  }
}
