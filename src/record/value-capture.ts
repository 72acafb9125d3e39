import { type CaptureLimits, capture } from './capture.ts'
import { type ErrorInfo, errorInfo } from './error-info.ts'
import type { JsonText } from './records.ts'
import type { RedactionRoot, Redactor } from './redact.ts'

export interface ValueCaptureOptions {
  captureErrorStacks: boolean
  limits: CaptureLimits
  redactor: Redactor
}

/** Takes values as they are now, within the limits and without secrets. Never throws. */
export class ValueCapture {
  readonly #options: ValueCaptureOptions

  constructor(options: ValueCaptureOptions) {
    this.#options = options
  }

  json(value: unknown, root: RedactionRoot): JsonText | null {
    return capture(value, this.#options.limits, this.#options.redactor, root)
  }

  error(thrown: unknown): ErrorInfo {
    return errorInfo(thrown, this.#options.captureErrorStacks, this.#options.redactor)
  }

  /** Free text without what it names as secret. */
  text(text: string): string {
    return this.#options.redactor.text(text)
  }
}
