import type { CorrelationOptions } from '../correlation/extract.ts'
import type { ValueCaptureOptions } from './value-capture.ts'

export interface RecorderOptions extends ValueCaptureOptions {
  captureJobOptions: boolean
  captureHasuraPayload: boolean
  /** Follow work through AsyncLocalStorage, so that output and errors find their job. */
  followWork: boolean
  /** The run of the plugin that new invocations belong to. */
  instanceId: () => string
  /** Note which parts of the payload each detector reads. Needs followWork. */
  recordReads: boolean
  correlation: CorrelationOptions
  /** Output beyond this is announced in one last line, so that a runaway loop cannot fill the database. */
  maxLinesPerJob: number
}
