import { describe, expect, it } from 'vitest'
import { type CorrelationStrategy, DEFAULT_CORRELATION, extractCorrelation } from '../../src/correlation/extract.ts'
import { trackingToken } from '../../src/correlation/job-token.ts'
import { readReplayOf } from '../../src/correlation/replay.ts'
import { parseSpanId, parseTraceId, spanIdOf, traceIdOf } from '../../src/correlation/trace-ids.ts'
import { formatTrackingToken, parseTrackingToken } from '../../src/correlation/tracking-token.ts'
import { isUuid, uuidv7 } from '../../src/correlation/uuid.ts'

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e'
const JOB = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

describe('uuidv7', () => {
  it('makes valid, unique ids that sort in the order they were made', () => {
    const ids = Array.from({ length: 20_000 }, () => uuidv7())
    expect(ids.every(id => isUuid(id) && id[14] === '7' && '89ab'.includes(id[19] as string))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
    expect([...ids].sort()).toEqual(ids)
  })

  it('keeps the order when the clock is set back', () => {
    const later = uuidv7(Date.now() + 60_000)
    expect(uuidv7(Date.now()) > later).toBe(true)
  })

  it('carries its time in the first 48 bits', () => {
    const at = Date.now() + 120_000
    expect(Number.parseInt(uuidv7(at).replaceAll('-', '').slice(0, 12), 16)).toBe(at)
  })
})

describe('tracking tokens', () => {
  it.each([
    [`shop|${CORRELATION}`, { source: 'shop', correlationId: CORRELATION }],
    [`shop|${CORRELATION}|${JOB}`, { source: 'shop', correlationId: CORRELATION, jobExecutionId: JOB }],
    [`shop.${CORRELATION}`, { source: 'shop', correlationId: CORRELATION }],
    [`shop.${CORRELATION}.${JOB}`, { source: 'shop', correlationId: CORRELATION, jobExecutionId: JOB }],
    [`ann@shop.example.${CORRELATION}`, { source: 'ann@shop.example', correlationId: CORRELATION }],
    [
      `ann@shop.example.${CORRELATION}.${JOB}`,
      { source: 'ann@shop.example', correlationId: CORRELATION, jobExecutionId: JOB },
    ],
    [CORRELATION.toUpperCase(), { source: 'unknown', correlationId: CORRELATION }],
    [` shop|${CORRELATION} `, { source: 'shop', correlationId: CORRELATION }],
    [`shop|${CORRELATION}|not-a-uuid`, { source: 'shop', correlationId: CORRELATION }],
  ])('reads %s', (text, token) => {
    expect(parseTrackingToken(text)).toEqual(token)
  })

  it.each([
    '',
    'ann@shop.example',
    'shop|',
    `|${CORRELATION}`,
    `shop|${CORRELATION}|`,
    `shop|${CORRELATION}|${JOB}|more`,
    'shop.not-a-uuid',
    null,
    42,
    {},
  ])('finds none in %j', value => {
    expect(parseTrackingToken(value)).toBeNull()
  })

  it('writes what it reads, and keeps the separator out of the source', () => {
    const text = formatTrackingToken({ source: 'a|b', correlationId: CORRELATION, jobExecutionId: JOB })
    expect(text).toBe(`a_b|${CORRELATION}|${JOB}`)
    expect(parseTrackingToken(text)).toEqual({ source: 'a_b', correlationId: CORRELATION, jobExecutionId: JOB })
  })

  it('refuses a token without source or correlation id, and says why', () => {
    expect(() => formatTrackingToken({ source: '', correlationId: CORRELATION })).toThrow(/needs a source/)
    expect(() => formatTrackingToken({ source: 's', correlationId: 'x' })).toThrow(
      /needs a UUID as correlation id, got "x"/,
    )
  })
})

describe('the token for a job’s own writes', () => {
  const payload = { __correlationId: CORRELATION }

  it('names the job, the correlation and the fallback source', () => {
    expect(trackingToken(payload, { jobExecutionId: JOB }, 'shop')).toBe(`shop|${CORRELATION}|${JOB}`)
  })

  it('carries on the source of the token that came with the change', () => {
    const sourceTrackingToken = `billing|${CORRELATION}|${CORRELATION}`
    expect(trackingToken(payload, { jobExecutionId: JOB, sourceTrackingToken })).toBe(`billing|${CORRELATION}|${JOB}`)
  })

  it('works without the plugin, and says what is missing without the detector', () => {
    expect(trackingToken(payload)).toBe(`system|${CORRELATION}`)
    expect(() => trackingToken({})).toThrow(/needs a UUID as correlation id/)
  })
})

describe('correlation of a payload', () => {
  const update = (row: object | null, extra: object = {}) => ({
    event: { op: 'UPDATE', data: { old: null, new: row }, ...extra },
  })

  it('comes from updated_by, with the job that wrote the row', () => {
    expect(extractCorrelation(update({ updated_by: `shop|${CORRELATION}|${JOB}` }))).toMatchObject({
      correlationId: CORRELATION,
      source: 'updated_by',
      sourceJobId: JOB,
      trackingToken: `shop|${CORRELATION}|${JOB}`,
    })
  })

  it('takes an e-mail address for a person, not for a chain', () => {
    expect(extractCorrelation(update({ updated_by: 'ann@shop.example' }))).toMatchObject({
      correlationId: null,
      userEmail: 'ann@shop.example',
    })
  })

  it('comes from session variables in any letter case, with or without Hasura’s prefix', () => {
    for (const key of ['X-Correlation-ID', 'x-hasura-correlation-id', 'x-request-id']) {
      const found = extractCorrelation(update({}, { session_variables: { [key]: CORRELATION } }))
      expect(found).toMatchObject({ correlationId: CORRELATION, source: 'session' })
    }
  })

  it('reads the trace context of the change', () => {
    const trace_context = { trace_id: 'A'.repeat(32), span_id: 'b'.repeat(16) }
    expect(extractCorrelation(update({}, { trace_context }))).toMatchObject({
      traceId: 'a'.repeat(32),
      parentSpanId: 'b'.repeat(16),
    })
  })

  const token = `shop|${CORRELATION}|${JOB}`
  const other = '11111111-2222-4333-8444-555555555555'
  const change = (before: object | null, after: object | null, extra: object = {}) => ({
    created_at: '2026-01-02T03:04:05.678901',
    event: { op: 'UPDATE', data: { old: before, new: after }, ...extra },
  })

  it.each([
    ['an update that changed it', change({ updated_by: 'x' }, { updated_by: token }), 'updated_by', JOB, null],
    ['an insert', change(null, { updated_by: token }), 'updated_by', JOB, null],
    ['an update that did not', change({ updated_by: token }, { updated_by: token }), 'updated_by_unchanged', null, JOB],
    ['a deletion', change({ updated_by: token }, null), 'updated_by_unchanged', null, JOB],
    ['an update that took it away', change({ updated_by: token }, { updated_by: null }), null, null, null],
    ['an update by a person', change({ updated_by: token }, { updated_by: 'a@b.example' }), null, null, null],
  ])('judges the token of %s', (_, payload, source, sourceJobId, previousJobId) => {
    expect(extractCorrelation(payload)).toMatchObject({
      correlationId: source && CORRELATION,
      source,
      sourceJobId,
      previousJobId,
    })
  })

  it('takes an unwritten token for the job’s when that job was at work then', () => {
    const asked: unknown[] = []
    const found = extractCorrelation(
      change({ updated_by: token }, { updated_by: token }),
      DEFAULT_CORRELATION,
      (...args) => Boolean(asked.push(args)),
    )
    expect(found).toMatchObject({ source: 'updated_by', sourceJobId: JOB, previousJobId: null })
    expect(asked).toEqual([[JOB, '2026-01-02T03:04:05.678901']])
  })

  it('counts an unwritten token after what is named on purpose, and before the trace', () => {
    const stale = { updated_by: token }
    const trace_context = { trace_id: 'c'.repeat(32) }
    expect(extractCorrelation(change(stale, stale, { trace_context }))).toMatchObject({
      source: 'updated_by_unchanged',
    })
    expect(extractCorrelation(change(stale, stale, { session_variables: { 'x-request-id': other } }))).toMatchObject({
      source: 'session',
      correlationId: other,
      trackingToken: null,
      sourceJobId: null,
    })
  })

  it('asks the strategies in the order given, and only those', () => {
    const payload = change(null, { updated_by: token, metadata: { workflow_id: other } })
    const ask = (...strategies: CorrelationStrategy[]) =>
      extractCorrelation(payload, { ...DEFAULT_CORRELATION, strategies }).source
    expect(ask('updated_by', 'metadata')).toBe('updated_by')
    expect(ask('metadata', 'updated_by')).toBe('metadata')
    expect(ask('session')).toBeNull()
  })

  it.each([
    [{ correlation_id: other }, other, 'correlation_id'],
    [{ data: { trace_id: '1'.repeat(32) } }, '11111111-1111-1111-1111-111111111111', 'data.trace_id'],
    [{ attributes: { request_id: `shop.${other}` } }, other, 'attributes.request_id'],
    [{ metadata: 'none', properties: { correlation_id: 7 } }, null, 'no column updated_by or updatedby'],
  ])('reads the metadata %j', (row, correlationId, detail) => {
    expect(extractCorrelation(change(null, row))).toMatchObject({ correlationId, detail })
  })

  it('reads custom fields by their path in the row, the event or the payload', () => {
    const options = { ...DEFAULT_CORRELATION, customFields: ['data.order.trace', 'headers.trace'] }
    expect(extractCorrelation(change(null, { data: { order: { trace: other } } }), options)).toMatchObject({
      correlationId: other,
      source: 'custom',
      detail: 'data.order.trace',
    })
    expect(extractCorrelation({ ...change(null, {}), headers: { trace: other } }, options)).toMatchObject({
      detail: 'headers.trace',
    })
  })

  it('makes the trace of the change its correlation where nothing better is there', () => {
    expect(extractCorrelation(change(null, {}, { trace_context: { trace_id: 'AB'.repeat(16) } }))).toMatchObject({
      correlationId: 'abababab-abab-abab-abab-abababababab',
      source: 'trace_context',
    })
  })

  it('says why it found nothing', () => {
    const why = (payload: unknown) => extractCorrelation(payload).detail
    expect(why({})).toBe('the payload has no row')
    expect(why(change(null, {}))).toBe('no column updated_by or updatedby')
    expect(why(change(null, { updated_by: null }))).toBe('updated_by is empty')
    expect(why(change(null, { updated_by: 'migration 12' }))).toBe('new.updated_by holds no tracking token')
    expect(why(change(null, { updatedby: 'a@b.example' }))).toBe('new.updatedby holds an e-mail address')
  })

  it.each([null, undefined, 5, 'x', [], {}, { event: null }, { event: { data: 3 } }, update(null)])(
    'finds nothing in %j and does not throw',
    payload => {
      expect(extractCorrelation(payload)).toMatchObject({ correlationId: null, sourceJobId: null, traceId: null })
    },
  )
})

describe('a payload that throws when it is read', () => {
  const refuse = (): never => {
    throw new Error('no entry')
  }

  it('has the correlation that can be read beside a getter that throws', () => {
    const row = Object.defineProperty({ updated_by: `shop|${CORRELATION}` }, 'metadata', {
      enumerable: true,
      get: refuse,
    })
    const data = Object.defineProperty({ new: row }, 'old', { enumerable: true, get: refuse })
    expect(extractCorrelation({ event: { data } })).toMatchObject({ correlationId: CORRELATION })
  })

  it('has none where nothing can be read, and says so', () => {
    const closed = new Proxy({}, { get: refuse, ownKeys: refuse, has: refuse })
    expect(extractCorrelation({ event: { data: { new: closed } } })).toMatchObject({
      correlationId: null,
      detail: 'the payload could not be read',
    })
    expect(extractCorrelation(closed)).toMatchObject({ correlationId: null })
    expect(readReplayOf(closed)).toBeNull()
  })
})

describe('trace ids', () => {
  it('refuses what W3C Trace Context refuses', () => {
    expect(parseTraceId('0'.repeat(32))).toBeNull()
    expect(parseSpanId('0'.repeat(16))).toBeNull()
    expect(parseTraceId('xyz')).toBeNull()
    expect(parseSpanId(7)).toBeNull()
  })

  it('derives valid ids from UUIDs', () => {
    const id = uuidv7()
    expect(parseSpanId(spanIdOf(id))).toBe(spanIdOf(id))
    expect(parseTraceId(traceIdOf(CORRELATION))).toBe(traceIdOf(CORRELATION))
  })
})
