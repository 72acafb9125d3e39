import type { ReactNode } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import type { LiveQuery } from '../../api/use-live-query.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { JsonSection, Section } from '../../components/detail/parts.tsx'
import { RowChange } from '../../components/detail/RowChange.tsx'
import { JsonTree } from '../../components/JsonTree.tsx'
import { Answer, Empty } from '../../components/Panel.tsx'
import { formatBytes } from '../../model/rate.ts'
import { diffPayload } from '../../model/row-diff.ts'
import type { Invocation, InvocationPrivate } from './queries.ts'

type Secret = LiveQuery<{ invocations_by_pk: InvocationPrivate | null }>

/** The row before and after, column by column. */
export function RowDiffPart({ secret, invocation }: { secret: Secret; invocation: Invocation }) {
  return (
    <ForOperators
      secret={secret}
      instead={
        invocation.changed_columns && (
          <>
            Changed: <span className="mono">{invocation.changed_columns.join(', ')}</span>
          </>
        )
      }
    >
      {row => {
        const diff = diffPayload(row.source_event_payload)
        return diff ? (
          <Section
            title={
              diff.operation === 'update' ? 'What changed' : diff.operation === 'insert' ? 'The new row' : 'The old row'
            }
            aside={diff.operation === 'update' ? `${diff.changedCount} of ${diff.columns.length} columns` : undefined}
          >
            <RowChange diff={diff} />
          </Section>
        ) : (
          <Empty title="The payload holds no old or new row">
            It was started by hand, or payloads are not captured.
          </Empty>
        )
      }}
    </ForOperators>
  )
}

/** As Hasura sent it, without what was redacted before it was stored. */
export function Payload({ secret }: { secret: Secret }) {
  return (
    <ForOperators secret={secret}>
      {row => {
        const text = JSON.stringify(row.source_event_payload, null, 2) ?? ''
        return (
          <>
            <Section
              title="Payload"
              aside={
                <>
                  {formatBytes(new Blob([text]).size)} <CopyButton text={text} what="payload" />
                </>
              }
            >
              {row.source_event_payload === null ? (
                <p className="quiet">No payload was recorded: captureHasuraPayload is off.</p>
              ) : (
                <JsonTree value={row.source_event_payload} />
              )}
            </Section>
            <JsonSection title="Context" value={row.context_data} none="No context was given." />
          </>
        )
      }}
    </ForOperators>
  )
}

/** The row as it is stored, with everything that the role may see. */
export function Raw({ invocation, secret }: { invocation: Invocation; secret: InvocationPrivate | null }) {
  const whole = secret ? { ...invocation, ...secret, event_executions: invocation.event_executions } : invocation
  return <JsonSection title="Row" value={whole} none="" />
}

function ForOperators({
  secret,
  instead,
  children,
}: {
  secret: Secret
  instead?: ReactNode
  children: (row: InvocationPrivate) => ReactNode
}) {
  const { seesPayloads, config } = useApi()
  if (!seesPayloads) {
    return (
      <Empty title={config.features.rawPayloads ? 'Your role does not see payloads' : 'Payloads are switched off here'}>
        {instead}{' '}
        {config.features.rawPayloads
          ? 'Log in as an operator to see them.'
          : 'Whoever runs this server can switch them on with VITE_SHOW_RAW_PAYLOADS.'}
      </Empty>
    )
  }
  return <Answer query={secret}>{data => data.invocations_by_pk && children(data.invocations_by_pk)}</Answer>
}
