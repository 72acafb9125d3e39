import { describe, expect, it } from 'vitest'
import { parseOrderRequest } from '../../examples/shop/place-order.ts'

const TYPICAL = {
  scenario: 'typical',
  items: [
    { sku: 'KETTLE-1L', quantity: 1 },
    { sku: 'TEA-ASSAM', quantity: 2 },
  ],
}

describe('an order request', () => {
  it('is a typical order when it says nothing', () => {
    expect(parseOrderRequest({})).toEqual(TYPICAL)
    expect(parseOrderRequest(undefined)).toEqual(TYPICAL)
    expect(parseOrderRequest(null)).toEqual(TYPICAL)
  })

  it('adds up what is asked for twice', () => {
    const items = [
      { sku: 'TEA-ASSAM', quantity: 2 },
      { sku: 'TEA-ASSAM', quantity: 3 },
    ]
    expect(parseOrderRequest({ items }).items).toEqual([{ sku: 'TEA-ASSAM', quantity: 5 }])
  })

  const item = { sku: 'TEA-ASSAM', quantity: 1 }
  it.each([
    ['text', 'order', 'a JSON object'],
    ['a list', [], 'a JSON object'],
    ['an unknown key', { scenari: 'typical' }, 'no key "scenari"; it may have scenario, customerId and items'],
    ['an unknown scenario', { scenario: 'x' }, 'one of typical, payment_declined, carrier_retry, cancelled'],
    ['a customer that is no UUID', { customerId: 7 }, 'customerId is 7; it must be the UUID'],
    ['no items', { items: [] }, 'a list of 1 to 20 entries'],
    ['too many items', { items: Array(21).fill(item) }, 'a list of 1 to 20 entries'],
    ['an item that is no object', { items: [null] }, 'items[0] must be an object'],
    ['an unknown key in an item', { items: [{ ...item, price: 1 }] }, 'items[0] has no key "price"'],
    ['an item without sku', { items: [{ quantity: 1 }] }, 'items[0].sku'],
    ['no quantity', { items: [{ sku: 'TEA-ASSAM' }] }, 'items[0].quantity is undefined'],
    ['a quantity of zero', { items: [{ ...item, quantity: 0 }] }, '1 to 20 in all'],
    ['half a thing', { items: [item, { ...item, quantity: 0.5 }] }, 'items[1].quantity is 0.5; it must be a whole'],
    ['a quantity as text', { items: [{ ...item, quantity: '2' }] }, 'items[0].quantity is "2"'],
    [
      'more than the shop packs',
      {
        items: [
          { ...item, quantity: 19 },
          { ...item, quantity: 2 },
        ],
      },
      '1 to 20 in all',
    ],
  ])('refuses %s and says what is allowed', (_what, body, message) => {
    expect(() => parseOrderRequest(body)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_INVALID', message: expect.stringContaining(message) }),
    )
  })
})
