import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { findPayloadGaps } from '../../../../../src/payload-gaps.ts'
import { useApi } from '../../../api/ApiProvider.tsx'
import { type ComparedVerdict, dryRunReplay, runReplay } from '../../../api/replay.ts'
import type { LiveQuery } from '../../../api/use-live-query.ts'
import { Section } from '../../../components/detail/parts.tsx'
import { Answer, Empty } from '../../../components/Panel.tsx'
import { StatusShape } from '../../../components/StatusMark.tsx'
import { parsePayloadText } from '../../../model/payload-text.ts'
import type { Invocation, InvocationPrivate } from '../queries.ts'
import { ConfirmReplay } from './ConfirmReplay.tsx'
import { GapsNotice } from './GapsNotice.tsx'
import { Verdicts } from './Verdicts.tsx'
import './replay.css'

type Secret = LiveQuery<{ invocations_by_pk: InvocationPrivate | null }>

/** Gives the payload to the detector again: detectors only, or for real. */
export function Replay({ invocation, secret }: { invocation: Invocation; secret: Secret }) {
  const { config, isOperator, seesPayloads } = useApi()
  if (!isOperator) {
    return <Empty title="Your role may not send payloads again">Log in as an operator to replay this invocation.</Empty>
  }
  if (config.replay === null) {
    return (
      <Empty title="There is no detector to send it to">
        Whoever runs this server can set REPLAY_WEBHOOK_URL to the address of the function.
      </Empty>
    )
  }
  if (!seesPayloads) {
    return (
      <Empty title="Payloads are switched off here">
        Nobody should send what they cannot see. VITE_SHOW_RAW_PAYLOADS switches them on.
      </Empty>
    )
  }
  return (
    <Answer query={secret}>
      {({ invocations_by_pk: row }) =>
        row?.source_event_payload ? (
          <Editor key={row.id} invocation={invocation} stored={row.source_event_payload} target={config.replay} />
        ) : (
          <Empty title="Its payload was not recorded">The plugin's option captureHasuraPayload is off.</Empty>
        )
      }
    </Answer>
  )
}

interface EditorProps {
  invocation: Invocation
  stored: unknown
  target: NonNullable<ReturnType<typeof useApi>['config']['replay']> | null
}

/** What was asked, and of which text. */
interface Asked {
  text: string
  verdicts: ComparedVerdict[]
}

function Editor({ invocation, stored, target }: EditorProps) {
  const navigate = useNavigate()
  const storedText = useMemo(() => JSON.stringify(stored, null, 2), [stored])
  const [text, setText] = useState(storedText)
  const [busy, setBusy] = useState<'dry' | 'real' | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [confirming, setConfirming] = useState(false)
  const { payload, error } = useMemo(() => parsePayloadText(text), [text])
  const gaps = useMemo(() => (payload ? findPayloadGaps(payload) : []), [payload])
  const isEdited = text !== storedText
  const request = { invocationId: invocation.id, payload: isEdited ? payload : undefined }

  async function attempt(kind: 'dry' | 'real', work: () => Promise<void>): Promise<void> {
    setBusy(kind)
    setFailure(null)
    try {
      await work()
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown.message : String(thrown))
    } finally {
      setBusy(null)
    }
  }
  const ask = () =>
    attempt('dry', async () => {
      const verdicts = await dryRunReplay(request)
      setAsked({ text, verdicts })
    })
  const send = (acceptIncomplete: boolean) => {
    setConfirming(false)
    void attempt('real', async () => {
      const id = await runReplay(request, { acceptIncomplete })
      await navigate({ to: '/compare', search: { left: invocation.id, right: id } })
    })
  }

  if (target === null) return null
  return (
    <div className="replay">
      <p className="replay-target">
        Goes to <strong>{target.name}</strong>
        {target.target === 'webhook' && ', a function outside of this server'}.{' '}
        {target.dryRun
          ? 'A dry run asks its detectors only. A real run runs handlers and jobs, too.'
          : 'It can only be run for real, with handlers and jobs: a function elsewhere cannot be asked without them.'}
      </p>
      <GapsNotice gaps={gaps} />
      <div className="replay-editor">
        <label htmlFor="replay-payload">
          Payload {isEdited ? <span className="replay-edited">edited</span> : <span className="quiet">as stored</span>}
        </label>
        <textarea
          id="replay-payload"
          className="mono"
          value={text}
          spellCheck={false}
          aria-invalid={error !== null}
          aria-describedby="replay-error"
          onChange={event => setText(event.target.value)}
        />
        <p id="replay-error" className="failed-text" role="status">
          {error}
        </p>
      </div>
      <div className="replay-actions">
        {target.dryRun && (
          <button
            type="button"
            className="button replay-primary"
            disabled={payload === null || busy !== null}
            onClick={() => void ask()}
          >
            {busy === 'dry' ? 'Asking…' : 'Dry run'}
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={payload === null || busy !== null}
          onClick={() => setConfirming(true)}
        >
          {busy === 'real' ? 'Sending…' : 'Run for real…'}
        </button>
        {payload && text !== JSON.stringify(payload, null, 2) && (
          <button type="button" className="button" onClick={() => setText(JSON.stringify(payload, null, 2))}>
            Format
          </button>
        )}
        {isEdited && (
          <button type="button" className="button" onClick={() => setText(storedText)}>
            Back to the stored one
          </button>
        )}
      </div>
      {failure && (
        <p className="replay-failure" role="alert">
          <StatusShape tone="failed" />
          <span>{failure}</span>
        </p>
      )}
      {asked && (
        <Section
          title="Verdicts of the dry run"
          aside={asked.text === text ? undefined : 'of the payload before your last edit'}
        >
          <Verdicts verdicts={asked.verdicts} />
        </Section>
      )}
      <ConfirmReplay
        opened={confirming}
        target={target}
        gaps={gaps}
        isEdited={isEdited}
        detected={asked?.text === text ? asked.verdicts.filter(({ now }) => now?.detected).length : null}
        onCancel={() => setConfirming(false)}
        onConfirm={send}
      />
    </div>
  )
}
