import type { ClientBase } from './pool.ts'

/** One `COPY … FROM STDIN` and its rows in the format that it names, in pieces of any size. */
export interface CopySource {
  sql: string
  chunks: Iterable<Uint8Array>
}

/**
 * Runs COPY statements one after another, as one query: without an open transaction all of them are stored or none is,
 * and nothing has to be rolled back after a refusal. Chunks are made while the server works on earlier ones. `then` are
 * statements that belong to it; what they answer is not looked at.
 */
export function copyFrom(
  client: ClientBase,
  sources: readonly CopySource[],
  then: readonly string[] = [],
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyQuery(sources, then, error => (error === null ? resolve() : reject(error))))
  })
}

/** The part of node-postgres' connection that COPY needs; its types leave it out. */
interface Connection {
  readonly stream: {
    cork(): void
    uncork(): void
    write(data: Uint8Array): boolean
    once(event: 'drain', listener: () => void): unknown
  }
  query(text: string): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

const COPY_DATA = 'd'.charCodeAt(0)
// Type byte and length, which counts itself.
const HEADER_BYTES = 5

/** What node-postgres calls a Submittable: it calls the handle… methods as the server's messages arrive. */
class CopyQuery {
  readonly #sources: readonly CopySource[]
  readonly #then: readonly string[]
  readonly #done: (error: unknown) => void
  #next = 0
  #over = false
  #ownError: unknown = null
  #connection: Connection | null = null

  constructor(sources: readonly CopySource[], then: readonly string[], done: (error: unknown) => void) {
    this.#sources = sources
    this.#then = then
    this.#done = done
  }

  submit(connection: unknown): void {
    this.#connection = connection as Connection
    this.#connection.query([...this.#sources.map(source => source.sql), ...this.#then].join(';\n'))
  }

  handleCopyInResponse(): void {
    const source = this.#sources[this.#next++] as CopySource
    this.#send(source.chunks[Symbol.iterator]())
  }

  handleCommandComplete(): void {}

  handleRowDescription(): void {}

  handleDataRow(): void {}

  handleReadyForQuery(): void {
    this.#over = true
    this.#done(null)
  }

  handleError(error: unknown): void {
    this.#over = true
    this.#done(this.#ownError ?? error)
  }

  #send(chunks: Iterator<Uint8Array>): void {
    const connection = this.#connection as Connection
    while (!this.#over) {
      let chunk: IteratorResult<Uint8Array>
      try {
        chunk = chunks.next()
      } catch (error) {
        // The server is waiting for rows: it has to be told, and answers with an error of its own.
        this.#ownError = error
        connection.sendCopyFail('the rows could not be encoded')
        return
      }
      if (chunk.done) {
        connection.endCopyFrom()
        return
      }
      // Two writes that leave as one.
      connection.stream.cork()
      connection.stream.write(headerOf(chunk.value))
      const goesOn = connection.stream.write(chunk.value)
      connection.stream.uncork()
      if (!goesOn) {
        connection.stream.once('drain', () => this.#send(chunks))
        return
      }
    }
  }
}

function headerOf(chunk: Uint8Array): Uint8Array {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header[0] = COPY_DATA
  header.writeUInt32BE(chunk.length + 4, 1)
  return header
}
