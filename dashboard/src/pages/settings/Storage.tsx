import { useApi } from '../../api/ApiProvider.tsx'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { Panel } from '../../components/Panel.tsx'
import { RelativeTime } from '../../components/TimeText.tsx'
import { count, formatCount } from '../../model/names.ts'
import { formatBytes } from '../../model/rate.ts'
import { STORAGE, type TableSize } from './queries.ts'

/** How long what is kept, and how much room it takes. */
export function Storage() {
  const { config } = useApi()
  const query = useLiveQuery(STORAGE, {}, { every: 30, leads: true })
  const all = query.data?.table_sizes.reduce((sum, table) => sum + table.total_bytes, 0)
  return (
    <Panel title="Storage" query={query} aside={all !== undefined && <span>{formatBytes(all)} in all</span>}>
      {({ table_sizes: tables, maintenance_state: [state] }) => (
        <>
          <p className="storage-note">
            {config.retention ? (
              <>
                Executions are kept for <strong>{count(config.retention.days, 'day')}</strong>, those that failed for{' '}
                <strong>{count(config.retention.failedDays, 'day')}</strong> (
                <code className="mono">RETENTION_DAYS</code>, <code className="mono">FAILED_RETENTION_DAYS</code>).
              </>
            ) : (
              'This server does not say how long it keeps what.'
            )}{' '}
            {state?.last_run_at ? (
              <>
                Maintenance last ran <RelativeTime at={state.last_run_at} />.
              </>
            ) : (
              'Maintenance has not run yet.'
            )}
          </p>
          <div className="mini-scroll">
            <table className="mini-table" data-testid="storage">
              <thead>
                <tr>
                  <th scope="col">Table</th>
                  <th scope="col">Rows, about</th>
                  <th scope="col">In all</th>
                  <th scope="col">Rows alone</th>
                  <th scope="col">Partitions</th>
                  <th scope="col">Oldest day</th>
                </tr>
              </thead>
              <tbody>
                {tables.map(table => (
                  <Row key={table.table_name} table={table} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Panel>
  )
}

function Row({ table }: { table: TableSize }) {
  const day = table.oldest_partition
  return (
    <tr>
      <th scope="row" className="mono">
        {table.table_name}
      </th>
      <td>{formatCount(table.estimated_rows)}</td>
      <td>{formatBytes(table.total_bytes)}</td>
      <td>{formatBytes(table.row_bytes)}</td>
      <td>{table.partitions === 0 ? '–' : table.partitions}</td>
      <td>{day ? `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}` : '–'}</td>
    </tr>
  )
}
