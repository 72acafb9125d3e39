import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** The address of the embedded Postgres of a data directory, whether it runs or not; null when there is none. */
export async function embeddedAddress(dataDir: string, database: string): Promise<string | null> {
  const read = (file: string): Promise<string | null> =>
    readFile(path.join(dataDir, file), 'utf8').then(
      text => text.trim(),
      () => null,
    )
  const [port, password] = await Promise.all([read('postgres.port'), read('postgres.password')])
  if (port === null || password === null) return null
  return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`
}
