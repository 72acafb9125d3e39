import { type CaptureLimits, capture } from './capture.ts'
import { cleanText } from './clean-text.ts'
import { type ErrorInfo, errorInfo } from './error-info.ts'
import { NOT_PLAIN, plainCopy } from './plain-copy.ts'
import type { JsonText } from './records.ts'
import type { RedactionRoot, Redactor } from './redact.ts'

export interface ValueCaptureOptions {
  captureErrorStacks: boolean
  limits: CaptureLimits
  redactor: Redactor
}

/** The JSON text of a value as it was; null for undefined. */
export interface CapturedJson {
  readonly json: JsonText | null
}

/** Takes values as they are now, within the limits and without secrets. Never throws. */
export class ValueCapture {
  readonly #options: ValueCaptureOptions

  constructor(options: ValueCaptureOptions) {
    this.#options = options
  }

  /** How deep values are looked into. */
  get maxDepth(): number {
    return this.#options.limits.maxDepth
  }

  json(value: unknown, root: RedactionRoot): JsonText | null {
    return capture(value, this.#options.limits, this.#options.redactor, root)
  }

  /** The same, of which the text is made when somebody asks for it. Until then it stays in the process. */
  later(value: unknown, root: RedactionRoot): CapturedJson {
    const copy = typeof value === 'object' ? plainCopy(value, this.maxDepth) : NOT_PLAIN
    return copy === NOT_PLAIN ? { json: this.json(value, root) } : new LaterJson(this, copy, root)
  }

  /** Whether a text of a payload is a secret, see Redactor.hides. */
  readonly isSecret = (path: readonly string[], text: string): boolean =>
    this.#options.redactor.hides('payload', path, text)

  error(thrown: unknown): ErrorInfo {
    return errorInfo(thrown, this.#options.captureErrorStacks, this.#options.redactor)
  }

  /** Free text that Postgres accepts, without what it names as secret, at most `maxLength` characters of it. */
  text(text: string, maxLength?: number): string {
    return cleanText(text, maxLength, found => this.#options.redactor.text(found))
  }
}

class LaterJson implements CapturedJson {
  readonly #values: ValueCapture
  readonly #root: RedactionRoot
  #copy: unknown
  #json: JsonText | null | undefined

  constructor(values: ValueCapture, copy: unknown, root: RedactionRoot) {
    this.#values = values
    this.#copy = copy
    this.#root = root
  }

  get json(): JsonText | null {
    if (this.#json === undefined) {
      this.#json = this.#values.json(this.#copy, this.#root)
      this.#copy = null
    }
    return this.#json
  }
}
