/** Asks the server's GraphQL endpoint: for ids that a page's address needs. */
export type Query = (query: string) => Promise<Record<string, unknown>>

export interface ShownPage {
  /** Name of the file. */
  name: string
  address: (query: Query) => Promise<string> | string
  /** A selector that is there when the page has what it shows. */
  ready: string
  /** Seen by someone who has not logged in, where that is asked for. */
  loggedOut?: true
}

/** Every page of the dashboard. A new page is added here. */
export const PAGES: readonly ShownPage[] = [
  { name: 'overview', address: () => '/?from=now-1h', ready: '[data-testid="recent"] li' },
  { name: 'live', address: () => '/live', ready: '[data-testid="live-list"] tbody tr' },
  { name: 'logs', address: () => '/logs?from=now-1h', ready: '[data-testid="logs"] tbody tr' },
  { name: 'telemetry', address: () => '/telemetry?from=now-6h', ready: '[data-testid="performance"]' },
  { name: 'analytics', address: () => '/analytics?from=now-6h', ready: '[data-testid="heatmap"]' },
  { name: 'invocations', address: () => '/invocations', ready: '[data-testid="invocations"] tbody tr' },
  {
    name: 'invocation',
    address: async query => `/invocations/${await newestRoot(query, 'total_jobs_run: { _gt: 0 }')}?tab=modules`,
    ready: '[data-testid="modules"]',
  },
  {
    name: 'invocation-summary',
    address: async query => `/invocations/${await failedInvocation(query)}`,
    ready: '.summary',
  },
  {
    name: 'invocation-jobs',
    address: async query => `/invocations/${await failedInvocation(query)}?tab=jobs`,
    ready: '[data-testid="jobs"]',
  },
  {
    name: 'replay',
    address: async query => `/invocations/${await newestRoot(query, 'total_jobs_run: { _gt: 0 }')}?tab=replay`,
    ready: '#replay-payload',
  },
  { name: 'map', address: () => '/map?from=now-1h', ready: '.map-node, [data-testid="map-table"] tbody tr' },
  { name: 'correlations', address: () => '/correlations', ready: '[data-testid="correlations"] tbody tr' },
  {
    name: 'correlation',
    address: async query => `/correlations/${await newestCorrelation(query)}`,
    ready: '[data-testid="roots"] li',
  },
  { name: 'jobs', address: () => '/jobs?from=now-1h', ready: '[data-testid="jobs"] tbody tr' },
  { name: 'job', address: () => '/jobs/capturePayment?from=now-1h', ready: '[data-testid="errors"] li' },
  { name: 'modules', address: () => '/modules?from=now-1h', ready: '[data-testid="modules"] tbody tr' },
  { name: 'module', address: () => '/modules/inventory.low?from=now-1h', ready: '[data-testid="reasons"] li' },
  {
    name: 'compare',
    address: async query => `/compare?left=last-good&right=${await failedInvocation(query)}`,
    ready: '[data-testid="compare-modules"]',
  },
  {
    name: 'compare-chains',
    address: async query => `/compare?kind=chain&left=last-good&right=${await failedInvocation(query)}`,
    ready: '[data-testid="compare-steps"]',
  },
  { name: 'settings', address: () => '/settings', ready: '[data-testid="storage"] tbody tr' },
  {
    name: 'chain',
    address: async query => `/chains/${await newestRoot(query, 'total_jobs_failed: { _gte: 0 }')}`,
    ready: '.react-flow__node, .wf-row',
  },
  {
    name: 'waterfall',
    address: async query => `/chains/${await newestRoot(query, 'total_jobs_failed: { _gte: 0 }')}?view=waterfall`,
    ready: '.wf-row',
  },
  {
    name: 'chain-failed',
    address: async query => {
      const id = await failedInvocation(query)
      return `/chains/${id}?sel=invocation:${id}`
    },
    ready: '[data-testid="side-panel"]',
  },
  {
    name: 'chain-table',
    address: async query => `/chains/${await newestRoot(query, 'total_jobs_failed: { _gte: 0 }')}?view=table`,
    ready: '[data-testid="span-table"] [data-span]',
  },
  {
    name: 'chain-rows',
    address: async query => `/chains/${await newestRoot(query, 'total_jobs_failed: { _gte: 0 }')}?view=rows`,
    ready: '.row-entry',
  },
  { name: 'traces', address: () => '/traces', ready: '[data-testid="list-count"]' },
  { name: 'trace', address: newestTrace, ready: '.wf-row, [data-testid="list-count"]' },
  { name: 'login', address: () => '/', ready: 'input[type="password"]', loggedOut: true },
]

/** The newest invocation that no job caused, among those that end a while ago. */
async function newestRoot(query: Query, where: string): Promise<string> {
  const { invocations } = (await query(
    `{ invocations(where: { source_job_id: { _is_null: true }, source_operation: { _eq: "INSERT" }, ${where} },
       order_by: [{ created_at: desc }], limit: 1, offset: 1) { id } }`,
  )) as { invocations: { id: string }[] }
  const [root] = invocations
  if (!root) throw new Error('no invocation to show')
  return root.id
}

/** The newest invocation in which a job failed. */
async function failedInvocation(query: Query): Promise<string> {
  const { invocations } = (await query(
    `{ invocations(where: { total_jobs_failed: { _gt: 0 } }, order_by: [{ created_at: desc }], limit: 1) { id } }`,
  )) as { invocations: { id: string }[] }
  const [failed] = invocations
  if (!failed) throw new Error('no invocation with a failed job to show')
  return failed.id
}

async function newestCorrelation(query: Query): Promise<string> {
  const { invocations } = (await query(
    `{ invocations(order_by: [{ created_at: desc }], limit: 1) { correlation_id } }`,
  )) as { invocations: { correlation_id: string }[] }
  const [newest] = invocations
  if (!newest) throw new Error('no correlation to show')
  return newest.correlation_id
}

/** The trace that failed last, where OpenTelemetry sends traces; else the list that says that there are none. */
async function newestTrace(query: Query): Promise<string> {
  const { events } = (await query(
    `{ events(where: { event_type: { _eq: "trace" }, outcome: { _eq: "error" } }, order_by: [{ timestamp: desc }], limit: 1) { trace_id } }`,
  )) as { events: { trace_id: string }[] }
  return events[0] ? `/traces/${events[0].trace_id}` : '/traces'
}
