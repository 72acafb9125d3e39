import { spawn } from 'node:child_process'
import { fstatSync, openSync } from 'node:fs'
import { appendFile, chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JournalFiles, nodeFiles } from '../../../src/buffer/journal/files.ts'
import type { Journal } from '../../../src/buffer/journal/journal.ts'
import { JournalRows } from '../../../src/buffer/journal/journal-rows.ts'
import { createSegment } from '../../../src/buffer/journal/segment.ts'
import type { Entry } from '../../../src/buffer/row-buffer.ts'
import { eventually } from '../../support/eventually.ts'
import { block, deadOwner, entry, gatedFiles, journalFolder, readAll, type TestRow, testCodec } from './support.ts'

const ids = (rows: { id: string }[]): string[] => rows.map(row => row.id)
const keys = (entries: Entry<TestRow>[]): string[] => entries.map(item => item.key)

describe('the journal', () => {
  let folder: Awaited<ReturnType<typeof journalFolder>>
  const open_: Journal<TestRow>[] = []
  const start = async (options: Parameters<typeof folder.create>[0] = {}): Promise<Journal<TestRow>> => {
    const journal = folder.create(options)
    open_.push(journal)
    await journal.start()
    return journal
  }
  const appendAll = (journal: Journal<TestRow>, entries: Entry<TestRow>[]): Entry<TestRow>[] => {
    for (const item of entries) journal.append(item)
    return entries
  }
  const many = (count: number, name: string, changes: Partial<TestRow> = {}): Entry<TestRow>[] =>
    Array.from({ length: count }, (_, index) => entry(`${name}${String(index).padStart(5, '0')}`, changes))
  /** Timers do not run for long, so the next hook writes by itself. */
  const keepBusy = (): void => {
    for (const until = performance.now() + 40; performance.now() < until; );
  }
  /** Leaves the rows behind as a process does that was killed. */
  const killedWith = async (entries: Entry<TestRow>[]): Promise<string> => {
    const journal = folder.create()
    await journal.start()
    appendAll(journal, entries)
    await journal.stop()
    return abandon()
  }
  const abandon = async (): Promise<string> => {
    const name = (await folder.folders()).find(candidate => candidate.includes(`~${process.pid}~`)) as string
    const dead = deadOwner(name)
    await rename(path.join(folder.directory, name), path.join(folder.directory, dead))
    return path.join(folder.directory, dead)
  }

  beforeEach(async () => {
    folder = await journalFolder()
  })
  afterEach(async () => {
    await Promise.all(open_.splice(0).map(journal => journal.stop()))
    await folder.remove()
  })

  it('has a row on disk a moment after it was recorded, the newest version of each', async () => {
    const journal = await start()
    appendAll(journal, [entry('a'), entry('b'), entry('a', { version: 2 })])
    await eventually(async () => expect((await folder.onDisk()).length).toBe(2))
    expect(await folder.onDisk()).toEqual([
      { id: 'a', version: 2 },
      { id: 'b', version: 1 },
    ])
    expect(journal.status).toMatchObject({ state: 'open', segments: 1, waitingSegments: 0, errors: 0 })
  })

  it('leaves nothing on disk when all is committed', async () => {
    const journal = await start()
    const batch = appendAll(journal, many(5_000, 'a', { detail: 'x'.repeat(500) }))
    await eventually(async () => expect((await folder.onDisk()).length).toBe(5_000))
    // How many there are depends on how busy the machine is: what waited long is written at once.
    expect(journal.status.segments).toBeGreaterThan(0)
    journal.committed(batch.slice(0, 4_999))
    await eventually(async () => expect((await folder.files()).length).toBe(1))
    journal.committed(batch.slice(4_999))
    await eventually(() => expect(journal.status.bytes).toBe(0))
    await journal.stop()
    expect(await folder.folders()).toEqual([])
  })

  it('does not write what is committed before its turn', async () => {
    const journal = await start()
    const batch = appendAll(journal, [entry('a'), entry('b')])
    journal.committed(batch.slice(0, 1))
    await eventually(async () => expect(ids(await folder.onDisk())).toEqual(['b']))
  })

  it('keeps a newer version when an older one is committed', async () => {
    const journal = await start()
    const [older] = appendAll(journal, [entry('a')])
    await eventually(async () => expect((await folder.onDisk()).length).toBe(1))
    appendAll(journal, [entry('a', { version: 2 })])
    journal.committed([older as Entry<TestRow>])
    await eventually(async () => expect((await folder.onDisk()).at(-1)).toEqual({ id: 'a', version: 2 }))
    await journal.stop()
    await abandon()
    const next = await start()
    expect((await readAll(next)).map(item => item.row)).toEqual([{ id: 'a', version: 2 }])
  })

  it('gives the next start what was not committed', async () => {
    await killedWith([entry('a'), entry('b'), entry('a', { version: 2 }), entry('c')])
    const journal = await start()
    const rows = await readAll(journal)
    expect(rows.map(item => [item.key, item.row.version])).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ])
    expect(journal.status).toMatchObject({ replayed: 3, skipped: 0 })
    expect((await folder.folders()).length).toBe(1)
    journal.committed(rows)
    await eventually(async () => expect(await folder.onDisk()).toEqual([]))
    await journal.stop()
    expect(await folder.folders()).toEqual([])
  })

  it('still has them when that start is killed too, before or after it read them', async () => {
    await killedWith(many(10, 'a'))
    const second = folder.create()
    await second.start()
    const some: Entry<TestRow>[] = []
    await second.readBack(4, item => some.push(item))
    expect(some.length).toBe(4)
    await second.stop()
    await abandon()
    expect(keys(await readAll(await start())).sort()).toEqual(keys(many(10, 'a')))
  })

  it('keeps all lines but the torn and the damaged, and counts those', async () => {
    const dead = await killedWith(many(50, 'a', { detail: 'x'.repeat(50) }))
    const file = path.join(dead, '00000001.journal')
    const bytes = await readFile(file)
    const lineLength = bytes.indexOf('\n') + 1
    for (const line of [3, 17]) bytes[line * lineLength + 40] = (bytes[line * lineLength + 40] as number) ^ 0x10
    await writeFile(file, bytes)
    await appendFile(file, bytes.subarray(0, lineLength - 9))
    const journal = await start()
    const rows = await readAll(journal)
    expect(keys(rows)).toEqual(keys(many(50, 'a')).filter((_, index) => index !== 3 && index !== 17))
    expect(journal.status).toMatchObject({ replayed: 48, skipped: 3 })
  })

  it('does not touch the folder of a process that runs', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("runs")'])
    await new Promise(resolve => child.stdout.once('data', resolve))
    const dead = await killedWith(many(3, 'a'))
    // The same folder, now owned by the child.
    const start_ = (await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => ''))
      .replace(/^.*\) /, '')
      .split(' ')[19]
    const living = dead.replace(/~\d+~\d*~/, `~${child.pid}~${start_ ?? ''}~`)
    await rename(dead, living)
    const journal = await start()
    expect(journal.hasWaiting).toBe(false)
    await journal.stop()
    expect((await folder.files()).length).toBe(1)

    const gone = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    const next = await start()
    expect(keys(await readAll(next))).toEqual(keys(many(3, 'a')))
  })

  it('lets two journals of one process share the folder', async () => {
    const [one, other] = [await start(), await start()]
    appendAll(one, [entry('a')])
    appendAll(other, [entry('b')])
    await eventually(async () => expect(ids(await folder.onDisk()).sort()).toEqual(['a', 'b']))
    expect((await folder.folders()).length).toBe(2)
    expect([one.hasWaiting, other.hasWaiting]).toEqual([false, false])
  })

  it('gives what a dead process left to one of those that start at the same time', async () => {
    await killedWith(many(20, 'a'))
    const started = await Promise.all([start(), start(), start()])
    const found = (await Promise.all(started.map(readAll))).map(keys)
    expect(found.flat().sort()).toEqual(keys(many(20, 'a')))
    expect(started.map(journal => journal.status.errors)).toEqual([0, 0, 0])
  })

  it('takes over from another host only what has not been touched for long', async () => {
    const dead = await killedWith([entry('a')])
    const elsewhere = path.join(folder.directory, path.basename(dead).replace(/^[^~]+/, 'elsewhere'))
    await rename(dead, elsewhere)
    expect((await start()).hasWaiting).toBe(false)
    await nodeFiles.touch(elsewhere)
    const later: JournalFiles = { ...nodeFiles, touchedAt: async name => (await nodeFiles.touchedAt(name)) - 300_000 }
    expect(keys(await readAll(await start({ files: later })))).toEqual(['a'])
  })

  it('leaves alone what it does not know', async () => {
    await mkdir(path.join(folder.directory, 'photos'))
    await writeFile(path.join(folder.directory, 'photos/1.journal'), 'not ours')
    const journal = await start()
    expect([journal.hasWaiting, journal.status.errors]).toEqual([false, 0])
    expect(await readFile(path.join(folder.directory, 'photos/1.journal'), 'utf8')).toBe('not ours')
  })

  it('takes rows that memory has no room for, and gives them back', async () => {
    const journal = await start()
    const batch = appendAll(journal, many(3_000, 'a', { detail: 'x'.repeat(500) }))
    // Half of them before they are written, half after.
    for (const item of batch.slice(0, 1_000)) expect(journal.spilled(item)).toBe(true)
    await eventually(async () => expect((await folder.onDisk()).length).toBe(3_000))
    for (const item of batch.slice(1_000, 2_000)) expect(journal.spilled(item)).toBe(true)
    journal.committed(batch.slice(2_000))
    const back = await readAll(journal)
    expect(keys(back)).toEqual(keys(batch.slice(0, 2_000)))
    expect(journal.status).toMatchObject({ readBack: 2_000, replayed: 0 })
    journal.committed(back)
    await eventually(() => expect(journal.status.bytes).toBe(0))
  })

  it('gives back rows that memory gave up while their full file was being closed', async () => {
    let letClose = (): void => {}
    const mayClose = new Promise<void>(resolve => {
      letClose = resolve
    })
    const close: JournalFiles['close'] = descriptor => mayClose.then(() => nodeFiles.close(descriptor))
    const journal = await start({ maxBytes: 200_000, files: { ...nodeFiles, close } })
    const batch = appendAll(journal, many(20, 'a', { detail: 'x'.repeat(1_000) }))
    await eventually(() => expect(journal.status.bytes).toBeGreaterThan(20_000))
    for (const item of batch) expect(journal.spilled(item)).toBe(true)
    letClose()
    expect(keys(await readAll(journal))).toEqual(keys(batch))
  })

  it('gives back the newest version also when it overtook an older one on its way to the disk', async () => {
    const gate = gatedFiles()
    const journal = await start({ files: gate.files })
    journal.append(entry('a'))
    await eventually(() => expect(gate.writes).toBe(1))
    const newer = entry('a', { version: 2 })
    journal.append(newer)
    expect(journal.spilled(newer)).toBe(true)
    keepBusy()
    journal.append(entry('b'))
    journal.touch()
    expect((await folder.onDisk()).map(row => row.version)).toEqual([2, 1])
    gate.open()
    await journal.settled()
    expect((await readAll(journal)).find(item => item.key === 'a')?.row).toEqual({ id: 'a', version: 2 })
  })

  it('needs a version no longer that is on its way to the disk when a newer one is committed', async () => {
    const [a, b] = [entry('a', { version: 2 }), block('pack-0', ['b'], ['b'])]
    const gate = gatedFiles()
    const journal = await start({ files: gate.files })
    appendAll(journal, [entry('a'), entry('b')])
    await eventually(() => expect(gate.writes).toBe(1))
    appendAll(journal, [a, b])
    journal.committed([a, b])
    gate.open()
    await journal.settled()
    await eventually(() => expect(journal.status).toMatchObject({ bytes: 0, waitingSegments: 0 }))
  })

  it('does not try again what a block has replaced meanwhile', async () => {
    const gate = gatedFiles()
    const journal = await start({ files: gate.files })
    journal.append(entry('a'))
    await eventually(() => expect(gate.writes).toBe(1))
    const pack = block('pack-0', ['a', 'b'], ['a'])
    journal.append(pack)
    gate.open(new Error('no space left'))
    await eventually(() => expect(journal.status.state).toBe('failing'))
    journal.committed([pack])
    journal.append(entry('c'))
    await eventually(() => expect(journal.status.state).toBe('open'))
    expect(ids(await folder.onDisk())).toEqual(['c'])
  })

  it('gives back a version that was on its way to the disk when a newer one was lost', async () => {
    const rows = new JournalRows<TestRow>(testCodec.version)
    const [a, b] = [entry('a'), entry('b')]
    const lost = [entry('a', { version: 2 }), block('pack-0', ['b'], ['b'])]
    for (const item of [a, b]) rows.append(item)
    const batch = rows.beginWriting(10)
    for (const item of lost) rows.append(item)
    expect(lost.map(item => rows.spilled(item, false))).toEqual([false, false])
    const segment = createSegment('1.journal')
    rows.stored(segment, batch)
    expect(segment).toMatchObject({ spilled: true, live: 0 })
  })

  it('does not take an older version, which came back from a failed write, for lost when a newer one is on disk', async () => {
    const journal = await start()
    const [older, newer] = [entry('a'), entry('a', { version: 2 })]
    journal.append(older)
    await journal.settled()
    journal.append(newer)
    expect(journal.spilled(newer)).toBe(true)
    await journal.settled()
    expect(journal.spilled(older)).toBe(true)
    expect((await readAll(journal)).map(item => item.row)).toEqual([{ id: 'a', version: 2 }])
  })

  it('gives back the newest version of a row, in whichever file it is', async () => {
    const padding = (name: string) => many(20, name, { detail: 'x'.repeat(1_000) })
    const write = async (journal: Journal<TestRow>, ...entries: Entry<TestRow>[]): Promise<void> => {
      for (const item of appendAll(journal, entries)) journal.spilled(item)
      await eventually(async () => expect(ids(await folder.onDisk())).toContain(entries.at(-1)?.key))
    }
    const small = { maxBytes: 200_000 }
    const first = await start(small)
    await write(first, entry('a'), ...padding('b'))
    await write(first, entry('a', { version: 2 }), ...padding('c'))
    await write(first, entry('z'))
    expect(first.status.segments).toBe(3)
    const versions = (entries: Entry<TestRow>[]) =>
      entries.filter(item => item.key === 'a').map(item => item.row.version)
    expect(versions(await readAll(first))).toEqual([1, 2])
    await first.stop()
    await abandon()
    expect(versions(await readAll(await start(small)))).toEqual([1, 2])
  })

  it('gives detail up first when it is full, then rows, the oldest first, and counts them', async () => {
    const journal = await start({ maxBytes: 1_000_000 })
    const mixed = (name: string): Entry<TestRow>[] =>
      many(1_000, name).map((item, index) =>
        entry(item.key, index % 2 ? { kind: 'log', detail: 'l'.repeat(200) } : { detail: 'd'.repeat(500) }),
      )
    const add = async (name: string): Promise<void> => {
      for (const item of appendAll(journal, mixed(name))) journal.spilled(item)
      await eventually(async () => expect((await folder.onDisk()).some(row => row.id === `${name}00998`)).toBe(true))
      await eventually(() => expect(journal.status.bytes).toBeLessThanOrEqual(1_000_000))
    }
    for (const name of ['a', 'b', 'c']) await add(name)
    await eventually(() => expect(journal.drops.journalDetailRows).toBeGreaterThan(0))
    expect(journal.drops.journalRows).toBe(0)
    const rows = await folder.onDisk()
    // Every row is there, the first ones without their detail.
    expect(rows.filter(row => row.kind !== 'log').length).toBe(1_500)
    expect(rows.filter(row => row.kind === 'log').length).toBe(1_500 - journal.drops.journalDetailRows)
    expect(rows.filter(row => row.detail === null).length).toBe(journal.drops.journalDetailFields)
    expect(rows.find(row => row.id === 'c00998')?.detail).not.toBeNull()

    for (let round = 0; round < 40; round++) await add(`d${round}-`)
    expect(journal.drops.journalRows).toBeGreaterThan(0)
    const left = await readAll(journal)
    const given = 43 * 500
    expect(left.filter(item => item.row.kind !== 'log').length + journal.drops.journalRows).toBe(given)
    expect(left.filter(item => item.row.kind === 'log').length + journal.drops.journalDetailRows).toBe(given)
    expect(keys(left)).toContain('d39-00998')
    expect(keys(left)).not.toContain('a00000')
  })

  it('keeps many rows as one block, which the next start reads as rows', async () => {
    await killedWith([entry('x'), block('pack-0', ['a', 'b'], ['x']), entry('c')])
    const journal = await start()
    expect(keys(await readAll(journal)).sort()).toEqual(['a', 'b', 'c'])
    expect(journal.status.replayed).toBe(3)
  })

  it('gives back what a block has of a row, not what it replaces, also from the same file', async () => {
    const journal = await start()
    journal.append(entry('a'))
    await journal.settled()
    const pack = block('pack-0', ['a', 'b'], ['a'])
    journal.append(pack)
    await journal.settled()
    expect(journal.spilled(pack)).toBe(true)
    expect((await readAll(journal)).map(({ row }) => [row.id, row.version])).toEqual([
      ['a', 2],
      ['b', 2],
    ])
  })

  it('needs what a block replaces no longer, whether that was written before or not', async () => {
    const journal = await start()
    for (const written of [true, false]) {
      journal.append(entry('a'))
      if (written) await journal.settled()
      const pack = block('pack-1', ['a', 'b'], ['a'])
      journal.append(pack)
      if (written) await journal.settled()
      journal.committed([pack])
      await eventually(() => expect(journal.status).toMatchObject({ bytes: 0, waitingSegments: 0 }))
    }
  })

  it('gives back the rows of a block that memory gave up, and not those of one that it holds', async () => {
    const journal = await start()
    const [given, held, done] = [block('pack-1', ['a', 'b']), block('pack-2', ['c']), block('pack-3', ['d'])]
    appendAll(journal, [given, held, done])
    await journal.settled()
    journal.committed([done])
    expect(journal.spilled(given)).toBe(true)
    const back = await readAll(journal)
    expect(keys(back)).toEqual(['a', 'b'])
    journal.committed([held])
    expect(journal.status.bytes).toBeGreaterThan(0)
    journal.committed(back)
    await eventually(() => expect(journal.status.bytes).toBe(0))
  })

  it('gives up blocks when it is full, the oldest first, and counts their rows', async () => {
    const journal = await start({ maxBytes: 200_000 })
    for (let n = 0; n < 100; n++) {
      const names = Array.from({ length: 100 }, (_, index) => `${n}-${index}`)
      const pack = block(`pack-${n}`, names)
      journal.append(pack)
      await journal.settled()
      expect(journal.spilled(pack)).toBe(true)
    }
    await eventually(() => expect(journal.status.bytes).toBeLessThanOrEqual(200_000))
    const left = keys(await readAll(journal))
    expect(left).toContain('99-99')
    expect(left).not.toContain('0-0')
    expect(left.length + journal.drops.journalRows).toBe(10_000)
  })

  it('asks for what was only touched, soon for what ends and with the second write for what goes on', async () => {
    const asked: boolean[] = []
    const journal: Journal<TestRow> = folder.create({
      collect(all) {
        asked.push(all)
        if (asked.length > 2) return false
        journal.append(entry(`ask-${asked.length}`))
        return asked.length < 2
      },
    })
    open_.push(journal)
    expect(journal.touch()).toBe(false)
    await journal.start()
    expect(journal.touch()).toBe(true)
    await eventually(async () => expect(ids(await folder.onDisk())).toEqual(['ask-1', 'ask-2']))
    expect(asked).not.toContain(true)
    await journal.stop()
    expect(asked).toContain(true)
  })

  it('goes on in memory while the disk is full, says so once, and writes when there is room', async () => {
    let full = true
    const files: JournalFiles = {
      ...nodeFiles,
      // The kernel's own "no space left on device": every write to /dev/full is refused.
      create: file => (full ? openSync('/dev/full', 'a') : nodeFiles.create(file)),
    }
    const journal = await start({ files })
    const batch = appendAll(journal, many(20, 'a'))
    await eventually(() => expect(journal.status.errors).toBeGreaterThan(1))
    expect(journal.status.state).toBe('failing')
    expect(folder.failures.map(error => (error as NodeJS.ErrnoException).code)).toEqual(['ENOSPC'])
    // Memory has no room: what has no copy on disk is for the caller to count.
    expect(journal.spilled(batch[0] as Entry<TestRow>)).toBe(false)
    journal.committed(batch.slice(1, 10))
    full = false
    await eventually(async () => expect(ids(await folder.onDisk())).toEqual(keys(batch.slice(10))))
    expect([journal.status.state, folder.recoveries(), folder.failures.length]).toEqual(['open', 1, 1])
    expect(journal.spilled(batch[10] as Entry<TestRow>)).toBe(true)
  })

  it('counts rows that memory gave up just before the disk refused them', async () => {
    const files: JournalFiles = { ...nodeFiles, create: () => openSync('/dev/full', 'a') }
    const journal = await start({ files })
    for (const item of appendAll(journal, many(20, 'a'))) journal.spilled(item)
    await eventually(() => expect(journal.drops.journalFailed).toBe(20))
  })

  it('finds its way after a write that ended in the middle of a line', async () => {
    let tear = true
    const files: JournalFiles = {
      ...nodeFiles,
      async append(descriptor, bytes) {
        if (!tear) return nodeFiles.append(descriptor, bytes)
        tear = false
        await nodeFiles.append(descriptor, bytes.subarray(0, bytes.length / 2))
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      },
    }
    const journal = await start({ files })
    appendAll(journal, many(9, 'a'))
    await eventually(async () => expect(journal.status).toMatchObject({ state: 'open', errors: 1 }))
    await journal.stop()
    await abandon()
    const next = await start()
    expect([...new Set(keys(await readAll(next)))]).toEqual(keys(many(9, 'a')))
  })

  it('finds its way after a hook whose own write ended in the middle of a line', async () => {
    let tear = true
    const files: JournalFiles = {
      ...nodeFiles,
      appendSync(descriptor, bytes) {
        if (!tear) return nodeFiles.appendSync(descriptor, bytes)
        tear = false
        nodeFiles.appendSync(descriptor, bytes.subarray(0, 20))
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      },
    }
    const journal = await start({ files })
    appendAll(journal, many(9, 'a'))
    keepBusy()
    journal.touch()
    expect(journal.status).toMatchObject({ state: 'failing', errors: 1 })
    await eventually(async () => expect(journal.status).toMatchObject({ state: 'open', errors: 1 }))
    await journal.stop()
    await abandon()
    expect([...new Set(keys(await readAll(await start())))]).toEqual(keys(many(9, 'a')))
  })

  it('waits for the disk also after a hook that wrote by itself, when it is to', async () => {
    const synced: string[] = []
    const files: JournalFiles = {
      ...nodeFiles,
      sync: async descriptor => void synced.push(fstatSync(descriptor).size > 0 ? 'file' : 'empty file'),
      syncFolder: async () => void synced.push('folder'),
    }
    const journal = await start({ fsync: true, files })
    journal.append(entry('a'))
    keepBusy()
    journal.touch()
    expect((await folder.onDisk()).length).toBe(1)
    expect(await journal.settled()).toBe(true)
    expect(synced).toEqual(['file', 'folder'])
  })

  it('says that its folder is forbidden, once, and uses it when it is allowed', async () => {
    const forbidden = path.join(folder.directory, 'forbidden')
    await mkdir(forbidden, { mode: 0o500 })
    await chmod(forbidden, 0o500)
    // Nothing is forbidden to root.
    const asRoot = process.geteuid?.() === 0
    if (asRoot) process.seteuid?.(65_534)
    const journal = await start({ directory: forbidden })
    appendAll(journal, [entry('a')])
    await eventually(() => expect(journal.status.errors).toBeGreaterThan(1))
    if (asRoot) process.seteuid?.(0)
    expect(folder.failures.map(error => (error as NodeJS.ErrnoException).code)).toEqual(['EACCES'])
    await chmod(forbidden, 0o700)
    await eventually(async () => expect(ids(await folder.onDisk())).toEqual(['a']))
    expect(folder.recoveries()).toBe(1)
  })

  it('writes the last rows of a process that just ends, or calls process.exit()', async () => {
    for (const last of ['', 'process.exit(0)']) {
      const script = `
        import { Journal } from ${JSON.stringify(path.resolve('src/buffer/journal/journal.ts'))}
        const codec = { encode: JSON.stringify, decode: () => null, version: () => '', withoutDetail: row => row }
        const journal = new Journal({ directory: ${JSON.stringify(folder.directory)}, maxBytes: 1e6, fsync: true, codec, onFailure() {}, onRecovered() {} })
        await journal.start()
        // It fills a file, and the next one is not begun.
        journal.append({ key: 'first', row: { id: 'first', text: 'x'.repeat(70_000) }, bytes: 1 })
        await new Promise(resolve => setTimeout(resolve, 100))
        journal.append({ key: 'last', row: { id: 'last' }, bytes: 1 })
        ${last}`
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        stdio: 'inherit',
      })
      expect(await new Promise(resolve => child.once('exit', resolve))).toBe(0)
      expect(ids(await folder.onDisk())).toEqual(['first', 'last'])
      for (const name of await folder.folders()) await rm(path.join(folder.directory, name), { recursive: true })
    }
  })

  it('has every row on disk when stop() resolves', async () => {
    const journal = await start()
    appendAll(journal, many(5_000, 'a'))
    await journal.stop()
    expect((await folder.onDisk()).length).toBe(5_000)
  })

  it('goes on after stop() and start()', async () => {
    const journal = await start()
    const [a] = appendAll(journal, [entry('a')])
    await journal.stop()
    appendAll(journal, [entry('b')])
    await journal.start()
    await eventually(async () => expect(ids(await folder.onDisk())).toEqual(['a', 'b']))
    journal.committed([a as Entry<TestRow>])
    await eventually(async () => expect(ids(await folder.onDisk())).toEqual(['b']))
  })
})
