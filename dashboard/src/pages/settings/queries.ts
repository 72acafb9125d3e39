import { gql, type TypedDocumentNode } from '@apollo/client'

export interface TableSize {
  table_name: string
  total_bytes: number
  row_bytes: number
  estimated_rows: number
  partitions: number
  oldest_partition: string | null
}

export const STORAGE: TypedDocumentNode<
  { table_sizes: TableSize[]; maintenance_state: { last_run_at: string | null; live_from: string }[] },
  Record<string, never>
> = gql`
  query Storage {
    table_sizes(order_by: [{ total_bytes: desc }]) {
      table_name
      total_bytes
      row_bytes
      estimated_rows
      partitions
      oldest_partition
    }
    maintenance_state {
      last_run_at
      live_from
    }
  }
`
