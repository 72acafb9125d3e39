import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { fetchSession, logIn, type Session } from '../api/session.ts'
import { Notice } from '../components/Notice.tsx'
import './login.css'

const EVERYONE: Session = { required: false, canLogIn: false, role: 'admin' }

/** Where the server asks who someone is, nothing is shown before it knows. */
export function LoginGate({ children }: { children: (session: Session) => ReactNode }) {
  const [session, setSession] = useState<Session | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    setProblem(null)
    fetchSession(controller.signal).then(
      found => setSession(found ?? EVERYONE),
      error => {
        if (!controller.signal.aborted) setProblem(error instanceof Error ? error.message : String(error))
      },
    )
    return () => controller.abort()
  }, [attempt])
  const again = () => setAttempt(attempt + 1)

  if (problem) {
    return (
      <main>
        <Notice
          tone="failed"
          title="The server does not say who may look"
          action={
            <button type="button" className="button" onClick={again}>
              Try again
            </button>
          }
        >
          <p>{problem}.</p>
        </Notice>
      </main>
    )
  }
  if (!session) return null
  if (session.required && session.role === null) return <Login canLogIn={session.canLogIn} onDone={again} />
  return children(session)
}

function Login({ canLogIn, onDone }: { canLogIn: boolean; onDone: () => void }) {
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = 'Log in · Event Detector Observability'
  }, [])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const refused = await logIn(password).catch(() => 'The server cannot be reached')
    setBusy(false)
    setProblem(refused)
    if (refused === null) onDone()
  }
  return (
    <main className="login">
      <form onSubmit={event => void submit(event)}>
        <h1>Event Detector Observability</h1>
        {canLogIn ? (
          <>
            <label htmlFor="password">Password</label>
            <input
              id="password"
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={event => setPassword(event.currentTarget.value)}
              aria-invalid={problem !== null}
              aria-describedby={problem ? 'login-problem' : undefined}
            />
            {problem && (
              <p id="login-problem" role="alert">
                {problem}
              </p>
            )}
            <button type="submit" className="button" disabled={busy || password === ''}>
              {busy ? 'One moment' : 'Log in'}
            </button>
          </>
        ) : (
          <p>
            This server asks who you are, but has no password to log in with. Whoever runs it sets{' '}
            <code className="mono">OBSERVABILITY_VIEWER_PASSWORD</code> or{' '}
            <code className="mono">OBSERVABILITY_OPERATOR_PASSWORD</code>.
          </p>
        )}
      </form>
    </main>
  )
}
