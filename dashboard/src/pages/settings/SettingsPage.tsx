import type { ReactNode } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { logOut } from '../../api/session.ts'
import { ThemeSwitch, ZoneSwitch } from '../../app/DisplaySwitches.tsx'
import { StatusMark } from '../../components/StatusMark.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { describeRange } from '../../model/describe-range.ts'
import { Storage } from './Storage.tsx'
import './settings.css'

const INTERVALS = [500, 1_000, 2_000, 5_000, 15_000, 60_000]

/** What this dashboard reads and how it shows it, what the server was told, and how much room everything takes. */
export function SettingsPage() {
  const { config, session, setPollInterval, ownPollInterval, hasDevelopmentSecret } = useApi()
  usePageTitle('Settings')
  return (
    <div className="page-scroll">
      <div className="settings">
        <div className="page-head">
          <h1>Settings</h1>
        </div>
        <Group title="Connection">
          <Setting
            name="GraphQL endpoint"
            note="VITE_GRAPHQL_ENDPOINT or HASURA_GRAPHQL_ENDPOINT, when the server starts"
          >
            <code className="mono">{config.graphqlEndpoint}</code>
          </Setting>
          <Setting name="Live queries" note="Over a WebSocket where the endpoint has them, else by asking again">
            {config.subscriptions ? 'yes' : 'no, asked again'}
          </Setting>
          <Setting name="You are" note={roleNote(session.required)}>
            <span data-testid="role">{roleName(session.role)}</span>
            {session.required && (
              <button
                type="button"
                className="button"
                onClick={() => void logOut().finally(() => window.location.assign('/'))}
              >
                Log out
              </button>
            )}
          </Setting>
          {hasDevelopmentSecret && (
            <Setting name="Admin secret" note="Only while Vite serves the sources; a built dashboard never holds one">
              <StatusMark status={{ tone: 'warning', word: 'in this browser, for development' }} />
            </Setting>
          )}
        </Group>
        <Group title="Display" note="Kept in this browser">
          <Setting name="Theme">
            <ThemeSwitch />
          </Setting>
          <Setting name="Times">
            <ZoneSwitch />
          </Setting>
          <Setting
            name="Refresh interval"
            note={`The server says every ${seconds(config.serverPollIntervalMs)}; the overview every ${seconds(config.overviewPollIntervalMs)}`}
          >
            <select
              className="select"
              aria-label="Refresh interval"
              value={ownPollInterval ?? ''}
              onChange={event => setPollInterval(event.currentTarget.value ? Number(event.currentTarget.value) : null)}
            >
              <option value="">As the server says</option>
              {INTERVALS.map(ms => (
                <option key={ms} value={ms}>
                  Every {seconds(ms)}
                </option>
              ))}
            </select>
          </Setting>
        </Group>
        <Group title="Features" note="Set where the server starts, as VITE_… or REACT_APP_…">
          <Setting name="Chains of an invocation" note="SHOW_CORRELATION_CHAINS">
            <Switched on={config.features.correlationChains} />
          </Setting>
          <Setting name="Payloads, options and results" note="SHOW_RAW_PAYLOADS">
            <Switched on={config.features.rawPayloads} />
          </Setting>
          <Setting name="Time range of a new page" note="DEFAULT_TIME_RANGE, in hours">
            {describeRange({ key: `${config.defaultRange}/now` }, 'utc')}
          </Setting>
        </Group>
        <Storage />
      </div>
    </div>
  )
}

function Group({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className="panel">
      <header className="panel-top">
        <h2>{title}</h2>
        {note && <span className="panel-aside">{note}</span>}
      </header>
      <dl className="settings-list">{children}</dl>
    </section>
  )
}

function Setting({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {name}
        {note && <span className="quiet">{note}</span>}
      </dt>
      <dd>{children}</dd>
    </div>
  )
}

function Switched({ on }: { on: boolean }) {
  return <StatusMark status={on ? { tone: 'ok', word: 'on' } : { tone: 'quiet', word: 'off' }} />
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}

function roleName(role: string | null): string {
  if (role === 'observability_viewer') return 'viewer'
  if (role === 'observability_operator') return 'operator'
  return role ?? 'nobody'
}

function roleNote(required: boolean): string {
  return required
    ? 'A viewer sees everything but payloads, addresses, stacks and results'
    : 'This server asks nobody who they are; it does with OBSERVABILITY_OPERATOR_PASSWORD'
}
