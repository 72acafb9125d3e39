import { type ReactNode, useEffect, useState } from 'react'
import { CONFIG_PATH, type Config, fetchConfig } from '../api/config.ts'
import { Notice } from '../components/Notice.tsx'

/** Nothing can be shown before the server has said where the data is. */
export function ConfigGate({ children }: { children: (config: Config) => ReactNode }) {
  const [config, setConfig] = useState<Config | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    setProblem(null)
    fetchConfig(controller.signal).then(setConfig, error => {
      if (!controller.signal.aborted) setProblem(error instanceof Error ? error.message : String(error))
    })
    return () => controller.abort()
  }, [attempt])

  if (config) return children(config)
  if (!problem) return null
  return (
    <main data-testid="config-error">
      <Notice
        tone="failed"
        title="The dashboard does not know where its data is"
        action={
          <button type="button" className="button" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
        }
      >
        <p>
          At start it reads <code className="mono">{CONFIG_PATH}</code> from the server that delivered this page. That
          failed: {problem}.
        </p>
        <p>
          Is the server still running? <code className="mono">npm start</code> starts it and prints its address. A proxy
          in front of it must pass on this path too.
        </p>
      </Notice>
    </main>
  )
}
