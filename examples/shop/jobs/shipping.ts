import { uuidv7 } from '../../../src/correlation/uuid.ts'
import type { JobFunction } from '../../../src/detector/detector.ts'
import { askCarrier, cancelPickUp, renderLabel } from '../outside-world.ts'
import { newRow } from '../row-change.ts'
import { changeRows } from '../shop.ts'

export const createShipment: JobFunction = async (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  const shipmentId = uuidv7()
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `INSERT INTO shipments (id, order_id, status, postcode, updated_by)
       SELECT $2, id, 'pending', delivery_postcode, $3 FROM orders WHERE id = $1 AND status = 'paid' FOR SHARE
       ON CONFLICT DO NOTHING`,
      [order.id, shipmentId, updatedBy],
    )
    return { shipmentId, created: rowCount === 1 }
  })
}

/** Slow: the label service takes more than a second. */
export const printLabel: JobFunction = async (_event, hasuraEvent, options) => {
  const shipment = newRow('shipments', hasuraEvent)
  const labelUrl = await renderLabel(shipment.id)
  const printed = await changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE shipments SET label_url = $2, updated_at = now(), updated_by = $3 WHERE id = $1 AND status = 'pending'`,
      [shipment.id, labelUrl, updatedBy],
    )
    return rowCount === 1
  })
  if (!printed)
    console.warn(`shipment ${shipment.id} was cancelled while its label was printed; the label is thrown away`)
  return { labelUrl, printed }
}

/** Fails at the first attempt where the carrier's office is hard to reach; the detector tries again. */
export const bookCarrier: JobFunction = async (_event, hasuraEvent, options) => {
  const shipment = newRow('shipments', hasuraEvent)
  const { carrier, trackingNumber } = await askCarrier(shipment.id, shipment.postcode)
  const booked = await changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE shipments SET carrier = $2, tracking_number = $3, updated_at = now(), updated_by = $4
       WHERE id = $1 AND status = 'pending'`,
      [shipment.id, carrier, trackingNumber, updatedBy],
    )
    return rowCount === 1
  })
  if (!booked) await cancelPickUp(trackingNumber)
  console.log(`${carrier} ${booked ? 'collects' : 'no longer collects'} shipment ${shipment.id}`)
  return { carrier, trackingNumber, booked }
}

export const dispatchShipment: JobFunction = async (_event, hasuraEvent, options) => {
  const shipment = newRow('shipments', hasuraEvent)
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE shipments SET status = 'dispatched', dispatched_at = now(), updated_at = now(), updated_by = $2
       WHERE id = $1 AND status = 'pending'`,
      [shipment.id, updatedBy],
    )
    return { trackingNumber: shipment.tracking_number, dispatched: rowCount === 1 }
  })
}

export const cancelShipment: JobFunction = async (_event, hasuraEvent, options) => {
  const order = newRow('orders', hasuraEvent)
  return changeRows(hasuraEvent, options, async ({ query, updatedBy }) => {
    const { rowCount } = await query(
      `UPDATE shipments SET status = 'cancelled', updated_at = now(), updated_by = $2
       WHERE order_id = $1 AND status = 'pending'`,
      [order.id, updatedBy],
    )
    return { orderId: order.id, cancelled: rowCount === 1 }
  })
}

export const cancelCarrierBooking: JobFunction = async (_event, hasuraEvent) => {
  const { id, tracking_number: trackingNumber } = newRow('shipments', hasuraEvent)
  if (trackingNumber === null) {
    console.log(`no carrier was booked for shipment ${id} yet`)
    return { cancelled: false }
  }
  await cancelPickUp(trackingNumber)
  return { cancelled: true, trackingNumber }
}
