import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startDemoLoad } from '../../examples/shop/demo-load.ts'
import { placeOrder } from '../../examples/shop/place-order.ts'
import { readOrder } from '../../examples/shop/read-order.ts'
import { parseTrackingToken } from '../../src/correlation/tracking-token.ts'
import { type RunningShop, startShop } from './shop-fixture.ts'

let running: RunningShop
beforeEach(async () => {
  running = await startShop()
})
afterEach(() => running.close())

const stock = async (sku: string) => {
  const { rows } = await running.shop.pool.query('SELECT on_hand, reserved FROM inventory WHERE sku = $1', [sku])
  return rows[0]
}

/** How often each kind of change was delivered. */
function counted(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { change } of running.invocations) counts[change] = (counts[change] ?? 0) + 1
  return counts
}

describe('an order', () => {
  it('is paid, packed and shipped when nothing goes wrong', async () => {
    const started = Date.now()
    const { orderId } = await placeOrder(running.shop, {})
    await running.settle()
    expect(Date.now() - started).toBeLessThan(30_000)
    expect(await readOrder(running.shop, orderId)).toMatchObject({
      status: 'shipped',
      settled: true,
      customer: 'Ada Byron',
      totalCents: 7200,
      payment: { status: 'captured' },
      shipment: {
        status: 'dispatched',
        carrier: 'Parcel Point',
        labelUrl: expect.stringContaining('labels.example.com'),
      },
      notifications: ['order-confirmation', 'receipt', 'dispatch'].map(kind => ({ kind, status: 'sent' })),
    })
    expect(await stock('KETTLE-1L')).toEqual({ on_hand: 39, reserved: 0 })
    expect(await stock('TEA-ASSAM')).toEqual({ on_hand: 78, reserved: 0 })
    expect(counted()).toEqual({
      'orders INSERT placed': 1,
      'inventory UPDATE': 4,
      'payments INSERT pending': 1,
      'payments UPDATE captured': 1,
      'orders UPDATE paid': 1,
      'shipments INSERT pending': 1,
      'shipments UPDATE pending': 2,
      'shipments UPDATE dispatched': 1,
      'orders UPDATE shipped': 1,
      'notifications INSERT queued': 3,
      'notifications UPDATE sent': 3,
    })
    expect(running.invocations.flatMap(({ jobs }) => jobs).filter(name => name.includes('failed'))).toEqual([])
  })

  it('is one chain: every change after the first carries the token of the first one', async () => {
    await placeOrder(running.shop, {})
    await running.settle()
    const root = running.invocations.find(({ change }) => change === 'orders INSERT placed')
    expect(root?.payload.event.data.new?.updated_by).toBe('ada.byron@example.com')
    expect(root?.payload.event.session_variables).toMatchObject({ 'x-hasura-role': 'customer' })
    const traceId = root?.payload.event.trace_context?.trace_id
    for (const { payload, moduleCount, change } of running.invocations) {
      expect(moduleCount).toBeGreaterThanOrEqual(14)
      expect(payload.event.trace_context).toEqual({
        trace_id: traceId,
        span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        sampling_state: '1',
      })
      if (change === 'orders INSERT placed') continue
      expect(parseTrackingToken(payload.event.data.new?.updated_by)).toMatchObject({ source: 'shop' })
      expect(payload.event.session_variables).toEqual({ 'x-hasura-role': 'shop-backend' })
    }
    expect(new Set(running.invocations.map(({ correlationId }) => correlationId)).size).toBe(1)
    expect(running.invocations.map(({ level, change }) => `${level} ${change}`).sort()).toEqual([
      '0 orders INSERT placed',
      '1 inventory UPDATE',
      '1 inventory UPDATE',
      '1 notifications INSERT queued',
      '1 payments INSERT pending',
      '2 notifications UPDATE sent',
      '2 payments UPDATE captured',
      '3 notifications INSERT queued',
      '3 orders UPDATE paid',
      '4 notifications UPDATE sent',
      '4 shipments INSERT pending',
      '5 shipments UPDATE pending',
      '5 shipments UPDATE pending',
      '6 shipments UPDATE dispatched',
      '7 inventory UPDATE',
      '7 inventory UPDATE',
      '7 orders UPDATE shipped',
      '8 notifications INSERT queued',
      '9 notifications UPDATE sent',
    ])
    // Most modules say no to most changes, and some changes set nothing off.
    expect(running.invocations.filter(({ detected }) => detected.length === 0).length).toBeGreaterThanOrEqual(5)
    expect(Math.max(...running.invocations.map(({ detected }) => detected.length))).toBe(1)
  })

  it('is cancelled when the card is declined, and its stock is free again', async () => {
    const { orderId } = await placeOrder(running.shop, { scenario: 'payment_declined' })
    await running.settle()
    expect(await readOrder(running.shop, orderId)).toMatchObject({
      status: 'cancelled',
      cancelReason: 'payment declined',
      settled: true,
      payment: { status: 'declined', failureReason: expect.stringContaining('insufficient funds') },
      shipment: null,
      notifications: ['order-confirmation', 'payment-problem'].map(kind => ({ kind, status: 'sent' })),
    })
    expect(await stock('TEA-ASSAM')).toEqual({ on_hand: 80, reserved: 0 })
    expect(counted()).toEqual({
      'orders INSERT placed': 1,
      'inventory UPDATE': 4,
      'payments INSERT pending': 1,
      'payments UPDATE declined': 1,
      'orders UPDATE cancelled': 1,
      'notifications INSERT queued': 2,
      'notifications UPDATE sent': 2,
    })
    expect(Math.max(...running.invocations.map(({ level }) => level))).toBe(4)
    expect(running.invocations.flatMap(({ jobs }) => jobs).filter(name => name.includes('failed'))).toEqual([
      'capturePayment failed: the bank declined 72 EUR: insufficient funds',
    ])
  })

  it('reaches a remote island at the second attempt', async () => {
    const { orderId } = await placeOrder(running.shop, { scenario: 'carrier_retry' })
    await running.settle()
    expect(await readOrder(running.shop, orderId)).toMatchObject({
      status: 'shipped',
      shipment: { status: 'dispatched', carrier: 'Northern Post' },
    })
    expect(running.invocations).toHaveLength(19)
    expect(running.invocations.flatMap(({ jobs }) => jobs).filter(name => name.includes('failed'))).toEqual([])
  })

  it('gives the money and the stock back when the customer cancels', async () => {
    const { orderId } = await placeOrder(running.shop, { scenario: 'cancelled' })
    await expect.poll(async () => (await readOrder(running.shop, orderId))?.settled, { timeout: 15_000 }).toBe(true)
    await running.settle()
    expect(await readOrder(running.shop, orderId)).toMatchObject({
      status: 'cancelled',
      payment: { status: 'refunded' },
      shipment: { status: 'cancelled', labelUrl: null },
      notifications: expect.arrayContaining([expect.objectContaining({ kind: 'refund', status: 'sent' })]),
    })
    expect(await stock('TEA-ASSAM')).toEqual({ on_hand: 80, reserved: 0 })
    const cancelled = running.invocations.find(({ change }) => change === 'orders UPDATE cancelled')
    // The customer's own second act: a chain of its own.
    expect(cancelled?.payload.event.data.new?.updated_by).toBe('ada.byron@example.com')
    const chain = running.invocations.filter(({ correlationId }) => correlationId === cancelled?.correlationId)
    expect(chain.map(({ level, change }) => `${level} ${change}`).sort()).toEqual([
      '0 orders UPDATE cancelled',
      '1 inventory UPDATE',
      '1 inventory UPDATE',
      '1 payments UPDATE refunded',
      '1 shipments UPDATE cancelled',
      '2 notifications INSERT queued',
      '3 notifications UPDATE sent',
    ])
    const first = running.invocations.filter(each => !chain.includes(each))
    expect(new Set(first.map(({ correlationId }) => correlationId)).size).toBe(1)
    expect(first).toHaveLength(12)
  })

  it('makes the shop buy more when the shelf runs low, once', async () => {
    await placeOrder(running.shop, { items: [{ sku: 'SCALE-01', quantity: 3 }] })
    await placeOrder(running.shop, { items: [{ sku: 'SCALE-01', quantity: 2 }] })
    await running.settle()
    expect(await stock('SCALE-01')).toEqual({ on_hand: 14 - 5 + 20, reserved: 0 })
    const jobs = running.invocations.flatMap(each => each.jobs)
    expect(jobs.filter(name => name === 'receiveReplenishment')).toHaveLength(1)
  })

  it('takes back-orders', async () => {
    const { orderId } = await placeOrder(running.shop, { items: [{ sku: 'SCALE-01', quantity: 20 }] })
    await running.settle()
    expect(await readOrder(running.shop, orderId)).toMatchObject({ status: 'shipped' })
    expect(await stock('SCALE-01')).toEqual({ on_hand: 14, reserved: 0 })
  })
})

describe('the demo load', () => {
  it('places one order at once and more at its rate, until it is stopped', async () => {
    const demo = startDemoLoad({ shop: running.shop, ordersPerMinute: 240 })
    const count = async () => (await running.shop.pool.query('SELECT count(*)::int AS n FROM orders')).rows[0].n
    await expect.poll(count, { timeout: 5_000 }).toBeGreaterThanOrEqual(4)
    await demo.stop()
    const before = await count()
    await running.settle()
    expect(await count()).toBe(before)
  })

  it('places nothing at a rate of 0', async () => {
    const demo = startDemoLoad({ shop: running.shop, ordersPerMinute: 0 })
    await new Promise(resolve => setTimeout(resolve, 200))
    await demo.stop()
    expect((await running.shop.pool.query('SELECT count(*)::int AS n FROM orders')).rows).toEqual([{ n: 0 }])
  })
})
