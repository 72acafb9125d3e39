import type { Entry } from '../row-buffer.ts'
import type { JournalCodec } from './codec.ts'
import type { JournalFiles } from './files.ts'
import type { JournalDrops } from './journal-options.ts'
import type { JournalRows } from './journal-rows.ts'
import { encodeLines, readSegment } from './read-segment.ts'
import type { Segment } from './segment.ts'
import type { Segments } from './segments.ts'

/** The parts of a journal that take part when it is full. */
export interface FullJournal<Row> {
  segments: Segments
  rows: JournalRows<Row>
  files: JournalFiles
  codec: JournalCodec<Row>
  /** Counted here. */
  drops: JournalDrops
  failed: (error: unknown) => void
}

/**
 * One step towards less on disk: the oldest segment that still has detail loses it; when none has, the oldest goes. False
 * when there is nothing to take. Touches only segments that are closed.
 */
export async function makeRoom<Row>(journal: FullJournal<Row>): Promise<boolean> {
  const { segments } = journal
  const sealed = segments.all.filter(segment => segment !== segments.active?.segment && !segment.busy)
  const victim = sealed.find(segment => segment.thinned === 0) ?? sealed.find(segment => segment.thinned === 1)
  const [oldest] = sealed
  if (victim) await thin(journal, victim)
  else if (oldest) await giveUp(journal, oldest)
  else return false
  return true
}

async function thin<Row>(journal: FullJournal<Row>, segment: Segment): Promise<void> {
  const { rows, files, codec, drops } = journal
  segment.busy = true
  try {
    const what = segment.thinned === 0 ? 'rows' : 'fields'
    const kept: Entry<Row>[] = []
    const gone: string[] = []
    let lost = 0
    for (const entry of (await readSegment(files, codec, segment)).entries) {
      const row = codec.withoutDetail(entry.row, what)
      // What memory holds is not lost: it only has no copy on disk any more.
      if (row !== entry.row && !rows.isKnown(entry)) lost++
      if (row !== null) kept.push({ ...entry, row })
      else gone.push(entry.key)
    }
    const bytes = encodeLines(codec, kept)
    segment.thinned = segment.thinned === 0 ? 1 : 2
    // Lines of rows take more than blocks: without much detail in them they stay as they are.
    if (bytes.length >= segment.bytes) return
    await files.replace(segment.file, bytes)
    segment.bytes = bytes.length
    drops[what === 'rows' ? 'journalDetailRows' : 'journalDetailFields'] += lost
    for (const key of gone) rows.forget(segment, key)
    if (kept.length === 0) segment.spilled = false
  } catch (error) {
    // No room for the smaller file, or no reading the larger: it will go whole when its turn comes.
    segment.thinned = 2
    journal.failed(error)
  } finally {
    segment.busy = false
  }
}

async function giveUp<Row>(journal: FullJournal<Row>, segment: Segment): Promise<void> {
  const { rows, files, codec, drops } = journal
  segment.busy = true
  const { entries } = await readSegment(files, codec, segment).catch(error => {
    journal.failed(error)
    return { entries: [] }
  })
  for (const entry of entries) if (!rows.isKnown(entry)) drops.journalRows++
  for (const { key, block = key } of entries) {
    rows.forget(segment, key)
    rows.forget(segment, block)
  }
  journal.segments.remove(segment)
}
