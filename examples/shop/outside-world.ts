import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '../../src/units.ts'

// The services a shop depends on. They are played here, with the delays and the moods of real ones, so that the
// example runs without a network. Every call is keyed by an id of ours and can be repeated.

/** A card the provider refuses, as payment providers offer for testing. */
export const DECLINED_CARD = 'card_declined'

export class CardDeclinedError extends Error {
  override readonly name = 'CardDeclinedError'
}

/** Takes the money. Throws CardDeclinedError when the bank says no. */
export async function chargeCard(paymentId: string, method: string, amountCents: number): Promise<string> {
  await sleep(220)
  if (method === DECLINED_CARD) {
    throw new CardDeclinedError(`the bank declined ${amountCents / 100} EUR: insufficient funds`)
  }
  return `ch_${paymentId.slice(-12)}`
}

/** Gives the money back. */
export async function refundCharge(providerReference: string): Promise<string> {
  await sleep(180)
  return providerReference.replace('ch_', 're_')
}

/** Renders a shipping label; label services are slow. */
export async function renderLabel(shipmentId: string): Promise<string> {
  await sleep(1.2 * SECOND)
  return `https://labels.example.com/${shipmentId}.pdf`
}

/** A postcode on the Isle of Lewis: the carrier's office there needs to be asked twice. */
export const REMOTE_POSTCODE = 'HS1 2BD'

const alreadyAsked = new Set<string>()

/** Books a carrier. For a remote postcode the first call of each shipment finds nobody. */
export async function askCarrier(
  shipmentId: string,
  postcode: string,
): Promise<{ carrier: string; trackingNumber: string }> {
  await sleep(130)
  const remote = postcode.startsWith('HS')
  if (remote && !alreadyAsked.delete(shipmentId)) {
    alreadyAsked.add(shipmentId)
    throw new Error(`Northern Post answered 503 for ${postcode}: no pick-up slot known yet`)
  }
  const digits = shipmentId.replaceAll('-', '').slice(-9).toUpperCase()
  return remote
    ? { carrier: 'Northern Post', trackingNumber: `NP${digits}` }
    : { carrier: 'Parcel Point', trackingNumber: `PP${digits}` }
}

export async function cancelPickUp(trackingNumber: string): Promise<void> {
  await sleep(90)
  if (trackingNumber === '') throw new Error('a pick-up is cancelled by its tracking number')
}

/** Hands an e-mail to the mail service. */
export async function sendEmail(_recipient: string, _subject: string): Promise<void> {
  await sleep(60)
}

/** Orders goods; the supplier's van is always around the corner. */
export async function orderFromSupplier(_sku: string, _quantity: number): Promise<void> {
  await sleep(400)
}
