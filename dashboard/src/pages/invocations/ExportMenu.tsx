import { Popover, Progress } from '@mantine/core'
import { Download } from 'lucide-react'
import { useRef, useState } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { toFailure } from '../../api/client.ts'
import { reveal } from '../../components/find/known-users.ts'
import type { Range } from '../../components/use-range.ts'
import { formatCount } from '../../model/names.ts'
import { type ExportFormat, exportInvocations, MAX_EXPORTED } from './export-invocations.ts'
import type { InvocationsSearch } from './url.ts'
import { toWhere, within } from './where.ts'

type State =
  | { kind: 'idle' }
  | { kind: 'running'; done: number; total: number }
  | { kind: 'done'; rows: number; total: number }
  | { kind: 'failed'; message: string }

/** Everything that matches the filter, not only what is loaded, as a file. */
export function ExportMenu({ search, range }: { search: InvocationsSearch; range: Range }) {
  const { client } = useApi()
  const [state, setState] = useState<State>({ kind: 'idle' })
  const running = useRef<AbortController | null>(null)
  const start = async (format: ExportFormat) => {
    const controller = new AbortController()
    running.current = controller
    setState({ kind: 'running', done: 0, total: 0 })
    try {
      // The end is fixed, so that what comes in meanwhile does not move the pages.
      const where = within(toWhere(reveal(search)), range.variables(), false)
      const result = await exportInvocations({
        client,
        where,
        format,
        signal: controller.signal,
        onProgress: (done, total) => setState({ kind: 'running', done, total }),
      })
      save(result.file, `invocations.${format}`)
      setState({ kind: 'done', rows: result.rows, total: result.total })
    } catch (error) {
      setState(controller.signal.aborted ? { kind: 'idle' } : { kind: 'failed', message: toFailure(error).message })
    }
  }
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="icon-button" aria-label="Export" title="Export">
          <Download size={16} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="filter-dropdown">
        <div className="export-menu" data-testid="export">
          {state.kind === 'running' ? (
            <>
              <p role="status">
                {formatCount(state.done)} of {formatCount(state.total)} read
              </p>
              <Progress
                value={state.total > 0 ? (state.done / state.total) * 100 : 0}
                aria-label="Share that was read"
                size="sm"
                color="dark"
              />
              <button type="button" className="button" onClick={() => running.current?.abort()}>
                Cancel
              </button>
            </>
          ) : (
            <>
              <p>Everything that matches, the newest first, without payloads.</p>
              {state.kind === 'done' && (
                <p role="status">
                  {formatCount(state.rows)} of {formatCount(state.total)} written.
                  {state.rows < state.total &&
                    ` A file ends at ${formatCount(MAX_EXPORTED)}: choose a shorter time for the rest.`}
                </p>
              )}
              {state.kind === 'failed' && (
                <p role="alert" className="find-problem">
                  {state.message}. Nothing was written.
                </p>
              )}
              <div className="export-actions">
                <button type="button" className="button" onClick={() => void start('csv')}>
                  CSV
                </button>
                <button type="button" className="button" onClick={() => void start('jsonl')}>
                  JSON Lines
                </button>
              </div>
            </>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
