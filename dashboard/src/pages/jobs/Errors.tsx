import { Link } from '@tanstack/react-router'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Empty, Panel } from '../../components/Panel.tsx'
import { StatusShape } from '../../components/StatusMark.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import type { Range } from '../../components/use-range.ts'
import { windowVariables } from '../../components/window-variables.ts'
import { count, formatCount } from '../../model/names.ts'
import { type ErrorGroup, JOB_ERRORS } from './queries.ts'

const MAX_GROUPS = 50

/** Runs that failed in the same way, together: how many, since when, until when, and the last of them. */
export function Errors({ name, range, every }: { name: string; range: Range; every: number }) {
  const query = useLiveQuery(JOB_ERRORS, () => ({ ...windowVariables(range), name, limit: MAX_GROUPS + 1 }), {
    identity: [name, range.key],
    every,
  })
  return (
    <Panel
      title="Errors"
      className="entity-wide"
      query={query}
      aside={
        query.data && query.data.groups.length > 0 && query.data.groups.length <= MAX_GROUPS ? (
          <span>{count(query.data.groups.length, 'kind')}</span>
        ) : undefined
      }
      partial={({ groups }) => (groups.length > MAX_GROUPS ? `The ${MAX_GROUPS} most frequent kinds of errors.` : null)}
      empty={({ groups }) =>
        groups.length === 0 ? (
          <Empty title="No run failed in this time">
            Failed, timed out and lost runs are grouped here by their message.
          </Empty>
        ) : null
      }
    >
      {({ groups }) => (
        <ul className="entity-groups" data-testid="errors">
          {groups.slice(0, MAX_GROUPS).map(group => (
            <Group key={group.fingerprint} group={group} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Group({ group }: { group: ErrorGroup }) {
  return (
    <li data-tone="failed">
      <StatusShape tone="failed" />
      <div className="entity-group-text">
        <Link
          to="/chains/$rootId"
          params={{ rootId: group.last_invocation_id }}
          search={{ sel: `job:${group.last_job_execution_id}` }}
          className="mono entity-group-name"
          title={group.last_message ?? undefined}
        >
          {group.pattern}
        </Link>
        {group.last_message && group.last_message !== group.pattern && (
          <span className="quiet entity-group-last">Last: {group.last_message}</span>
        )}
        <span className="quiet">
          first <RelativeTime at={group.first_seen} />, last <RelativeTime at={group.last_seen} />, in{' '}
          {count(group.invocations, 'invocation')}
        </span>
      </div>
      <strong className="number entity-group-end">{formatCount(group.runs)}</strong>
    </li>
  )
}
