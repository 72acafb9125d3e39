import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { JournalCodec } from '../../../src/buffer/journal/codec.ts'
import { type JournalFiles, nodeFiles } from '../../../src/buffer/journal/files.ts'
import { Journal } from '../../../src/buffer/journal/journal.ts'
import type { JournalOptions } from '../../../src/buffer/journal/journal-options.ts'
import type { Entry } from '../../../src/buffer/row-buffer.ts'

export interface TestRow {
  id: string
  version: number
  kind?: 'log'
  /** Stands for these. */
  rows?: TestRow[]
  detail?: string | null
}

export const testCodec: JournalCodec<TestRow> = {
  encode: row =>
    row.rows === undefined
      ? JSON.stringify(row)
      : { head: 'lines', bytes: row.rows.map(each => Buffer.from(`${JSON.stringify(each)}\n`)) },
  decode(text) {
    const row = JSON.parse(text)
    return typeof row.id === 'string' ? entry(row.id, row) : null
  },
  decodeBlock(head, bytes) {
    if (head !== 'lines') return null
    const rows: TestRow[] = bytes
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    return rows.map(row => entry(row.id, row))
  },
  version: row => String(row.version).padStart(6, '0'),
  withoutDetail(row, what) {
    if (what === 'rows') return row.kind === 'log' ? null : row
    return row.detail ? { ...row, detail: null } : row
  },
}

export const entry = (id: string, changes: Partial<TestRow> = {}): Entry<TestRow> => ({
  key: id,
  row: { id, version: 1, ...changes },
  bytes: 100,
})

/** Rows that go to disk together, and what of them was there before. */
export const block = (id: string, rows: string[], replaces: string[] = []): Entry<TestRow> => ({
  ...entry(id, { rows: rows.map(each => ({ id: each, version: 2 })) }),
  rows: rows.length,
  replaces,
})

/** Journals in a folder of their own, and what is in that folder. */
export async function journalFolder() {
  const directory = await mkdtemp(path.join(tmpdir(), 'journal-test-'))
  const failures: unknown[] = []
  let recoveries = 0
  const files = async (): Promise<string[]> =>
    (await readdir(directory, { recursive: true })).filter(name => name.endsWith('.journal')).sort()
  return {
    directory,
    failures,
    recoveries: () => recoveries,
    files,
    create: (options: Partial<JournalOptions<TestRow>> = {}) =>
      new Journal<TestRow>({
        directory,
        maxBytes: 10_000_000,
        fsync: false,
        codec: testCodec,
        onFailure: error => failures.push(error),
        onRecovered: () => recoveries++,
        ...options,
      }),
    /** What is on disk, in the order it was written. */
    async onDisk(): Promise<TestRow[]> {
      const texts = await Promise.all((await files()).map(file => readFile(path.join(directory, file), 'utf8')))
      return texts.flatMap(text =>
        text
          .split('\n')
          .filter(line => line !== '')
          .map(line => JSON.parse(line.slice(9))),
      )
    },
    folders: () => readdir(directory),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** A disk on which the first write takes until it is let through, or refused. */
export function gatedFiles() {
  let open: (refusal?: Error) => void = () => {}
  const opened = new Promise<Error | undefined>(resolve => {
    open = resolve
  })
  const gate = {
    writes: 0,
    open: (refusal?: Error): void => open(refusal),
    files: {
      ...nodeFiles,
      async append(descriptor, bytes) {
        const refusal = gate.writes++ === 0 ? await opened : undefined
        if (refusal) throw refusal
        await nodeFiles.append(descriptor, bytes)
      },
    } satisfies JournalFiles,
  }
  return gate
}

/** All rows that wait on disk. */
export async function readAll(journal: Journal<TestRow>): Promise<Entry<TestRow>[]> {
  const rows: Entry<TestRow>[] = []
  while (journal.hasWaiting) await journal.readBack(7, item => rows.push(item))
  return rows
}

/** The name of a folder whose owner is gone: a process id that was this one's, started at another time. */
export const deadOwner = (name: string): string =>
  name.replace(/~\d+~(\d*)~/, (_, start) => `~${process.pid}~${Number(start) + 1}~`)
