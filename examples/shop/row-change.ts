import { columnHasChanged, parseHasuraEvent } from '../../src/detector/detector.ts'
import type { HasuraEventPayload } from '../../src/detector/types.ts'

// What the event modules ask about a change. Each module is asked about every change of every table.

interface Rows {
  orders: OrderRow
  payments: PaymentRow
  shipments: ShipmentRow
  inventory: InventoryRow
  notifications: NotificationRow
}

interface OrderRow {
  id: string
  number: number
  customer_id: string
  status: 'placed' | 'paid' | 'shipped' | 'cancelled'
  delivery_postcode: string
  total_cents: number
  cancel_reason: string | null
}

interface PaymentRow {
  id: string
  order_id: string
  amount_cents: number
  method: string
  status: 'pending' | 'captured' | 'declined' | 'voided' | 'refunded'
  provider_reference: string | null
  failure_reason: string | null
}

interface ShipmentRow {
  id: string
  order_id: string
  status: 'pending' | 'dispatched' | 'cancelled'
  postcode: string
  label_url: string | null
  carrier: string | null
  tracking_number: string | null
}

interface InventoryRow {
  sku: string
  on_hand: number
  reserved: number
  reorder_point: number
  reorder_quantity: number
  replenishment_requested_at: string | null
}

interface NotificationRow {
  id: string
  order_id: string
  kind: string
  recipient: string
  subject: string
  status: 'queued' | 'sent'
}

/** The row as it is after the change, for jobs: the detector has already seen which table it is of. */
export function newRow<Table extends keyof Rows>(_table: Table, hasuraEvent: HasuraEventPayload): Rows[Table] {
  const row = parseHasuraEvent(hasuraEvent).dbEvent?.new
  if (!row) throw new Error('the change has no new row')
  return row as unknown as Rows[Table]
}

/** The new row, if a row of this table was inserted. */
export function inserted<Table extends keyof Rows>(table: Table, hasuraEvent: HasuraEventPayload): Rows[Table] | null {
  const { operation, dbEvent } = parseHasuraEvent(hasuraEvent)
  if (hasuraEvent.table?.name !== table || operation !== 'INSERT' || !dbEvent?.new) return null
  return dbEvent.new as unknown as Rows[Table]
}

/** The row before and after, if a row of this table was updated. */
export function updated<Table extends keyof Rows>(
  table: Table,
  hasuraEvent: HasuraEventPayload,
): { before: Rows[Table]; after: Rows[Table] } | null {
  const { operation, dbEvent } = parseHasuraEvent(hasuraEvent)
  if (hasuraEvent.table?.name !== table || operation !== 'UPDATE' || !dbEvent?.old || !dbEvent.new) return null
  return { before: dbEvent.old as unknown as Rows[Table], after: dbEvent.new as unknown as Rows[Table] }
}

type TableWithStatus = Exclude<keyof Rows, 'inventory'>

/** Whether an update gave a row this status. */
export function statusBecame<Table extends TableWithStatus>(
  table: Table,
  status: Rows[Table]['status'],
  hasuraEvent: HasuraEventPayload,
): boolean {
  const { dbEvent } = parseHasuraEvent(hasuraEvent)
  return updated(table, hasuraEvent)?.after.status === status && columnHasChanged('status', dbEvent)
}
