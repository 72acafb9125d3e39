import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { Notice } from '../components/Notice.tsx'

export function NotFound() {
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

export function Broken({ error, reset }: ErrorComponentProps) {
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
