import { GraphqlError, type Path } from '../errors.ts'

/**
 * The keys of a JSON path: `$.a.b[0]`, `a.b`, `$["odd key"]`, `a.["odd key"]`; `$` alone is the whole value. They become one `text[]`
 * parameter, so nothing in them can reach the SQL.
 */
export function parseJsonPath(text: string, path: Path | null): string[] {
  const keys: string[] = []
  const step = /\.?(?:([^.[\]"'\s]+)|\[\s*(\d+)\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\])/y
  step.lastIndex = text.startsWith('$') ? 1 : 0
  while (step.lastIndex < text.length) {
    const at = step.lastIndex
    const match = step.exec(text)
    if (match === null) {
      throw new GraphqlError(
        'parse-failed',
        `parse json path error: unexpected ${JSON.stringify(text.slice(at))}`,
        path,
      )
    }
    const [, name, index, double, single] = match
    keys.push(name ?? index ?? (double ?? single ?? '').replaceAll(/\\(.)/g, '$1'))
  }
  if (text === '') throw new GraphqlError('parse-failed', 'parse json path error: empty path', path)
  return keys
}
