import { readOwn } from './capture.ts'
import { changedColumns } from './changed-columns.ts'
import { fieldNames, PlainCopy, plainCopy } from './plain-copy.ts'
import type { JsonText } from './records.ts'
import { readSource, type Source } from './source.ts'
import type { ValueCapture } from './value-capture.ts'

/** What the row of an invocation needs of its payload, as that was when it came. */
export interface TakenPayload {
  /** As it came, see OpenInvocation.source. */
  readonly source: Source
  /** Null for what is no update. */
  readonly changedColumns: JsonText | null
  /** Null when payloads are not recorded. */
  readonly json: JsonText | null
}

/** `functionName` is what the caller says, see readSource. */
export function takePayload(
  payload: object,
  functionName: string | null,
  values: ValueCapture,
  isRecorded: boolean,
): TakenPayload {
  const copy = plainCopy(payload, values.maxDepth, isSent)
  if (copy instanceof PlainCopy) return new LaterPayload(copy, functionName, values, isRecorded)
  const fields: Record<string, unknown> = {}
  for (const key of fieldNames(payload).filter(isSent)) fields[key] = readOwn(payload, key)
  return read(payload, functionName, values, isRecorded ? fields : null)
}

// Fields that the detector itself puts on a payload are not part of what Hasura sent.
const isSent = (key: string): boolean => !key.startsWith('__')

function read(
  payload: object,
  functionName: string | null,
  values: ValueCapture,
  recorded: object | null,
): TakenPayload {
  return {
    source: readSource(payload, functionName, values.isSecret),
    changedColumns: values.json(changedColumns(payload), 'context'),
    json: recorded === null ? null : values.json(recorded, 'payload'),
  }
}

/** Reads all of it when somebody asks for any: until then the copy stays in the process. */
class LaterPayload implements TakenPayload {
  readonly #functionName: string | null
  readonly #values: ValueCapture
  readonly #isRecorded: boolean
  #copy: PlainCopy | null
  #taken: TakenPayload | null = null

  constructor(copy: PlainCopy, functionName: string | null, values: ValueCapture, isRecorded: boolean) {
    this.#copy = copy
    this.#functionName = functionName
    this.#values = values
    this.#isRecorded = isRecorded
  }

  get source(): Source {
    return this.#read().source
  }

  get changedColumns(): JsonText | null {
    return this.#read().changedColumns
  }

  get json(): JsonText | null {
    return this.#read().json
  }

  #read(): TakenPayload {
    if (this.#copy !== null) {
      this.#taken = read(this.#copy, this.#functionName, this.#values, this.#isRecorded ? this.#copy : null)
      this.#copy = null
    }
    return this.#taken as TakenPayload
  }
}
