import type { ReactNode } from 'react'
import type { ApiFailure } from '../../api/client.ts'
import { formatOffset } from '../../model/duration.ts'
import { formatAbsolute, type Micros, parseMicros } from '../../model/time.ts'
import { CopyButton } from '../CopyButton.tsx'
import { JsonTree } from '../JsonTree.tsx'
import { useZone } from '../use-zone.ts'

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="panel-section">
      <h3>
        {title}
        {aside !== undefined && <span className="quiet">{aside}</span>}
      </h3>
      {children}
    </section>
  )
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

export function IdFact({ name, id }: { name: string; id: string | null | undefined }) {
  if (!id) return null
  return (
    <Fact name={name}>
      <span className="mono fact-id">{id}</span>
      <CopyButton text={id} what={name.toLowerCase()} />
    </Fact>
  )
}

/** When it started, and how long after the chain did. */
export function StartedFact({ at, chainStartedAt }: { at: string; chainStartedAt: Micros }) {
  const [zone] = useZone()
  const micros = parseMicros(at)
  if (micros === null) return null
  return (
    <Fact name="Started">
      <span className="number">{formatAbsolute(micros, zone)}</span>
      {micros !== chainStartedAt && (
        <span className="quiet"> {formatOffset(micros - chainStartedAt)} after the chain began</span>
      )}
    </Fact>
  )
}

export function ErrorSection({
  title,
  message,
  stack,
}: {
  title: string
  message: string | null
  stack: string | null | undefined
}) {
  if (!message && !stack) return null
  return (
    <Section title={title} aside={<CopyButton text={stack || message || ''} what="error" />}>
      {message && <p className="error-message">{message}</p>}
      {stack && <pre className="error-stack">{withoutMessage(stack, message)}</pre>}
    </Section>
  )
}

/** A stack starts with the message, which is already above it. */
function withoutMessage(stack: string, message: string | null): string {
  const lines = stack.split('\n')
  return message && lines[0]?.includes(message.split('\n')[0] ?? '') ? lines.slice(1).join('\n') : stack
}

export function JsonSection({ title, value, none }: { title: string; value: unknown; none: string }) {
  const isEmpty =
    value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)
  return (
    <Section
      title={title}
      aside={isEmpty ? undefined : <CopyButton text={JSON.stringify(value, null, 2)} what={title.toLowerCase()} />}
    >
      {isEmpty ? <p className="quiet">{none}</p> : <JsonTree value={value} />}
    </Section>
  )
}

/** In place of what could not be read; the rest of the panel lives on. */
export function ReadFailure({ what, failure }: { what: string; failure: ApiFailure | null }) {
  if (!failure) return null
  return (
    <p className="read-failure" role="status" data-hidden={failure.kind === 'hidden' || undefined}>
      {failure.kind === 'hidden'
        ? `${what}: ${failure.message}.`
        : `${what} cannot be read now: ${failure.message}. Trying again.`}
    </p>
  )
}
