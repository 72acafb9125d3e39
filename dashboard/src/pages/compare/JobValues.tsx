import { diffJson } from '../../model/compare/diff-json.ts'
import { JsonPairs } from './JsonPairs.tsx'
import type { JobRunSecrets } from './queries.ts'

/** What a job was given and returned, on both sides. Closed while there is no difference. */
export function JobValues({
  name,
  left,
  right,
  onlyDifferences,
}: {
  name: string
  left: JobRunSecrets
  right: JobRunSecrets
  onlyDifferences: boolean
}) {
  const values = (side: JobRunSecrets) => ({ options: side.job_options, result: side.result })
  const differing = diffJson(values(left), values(right)).places.filter(place => place.state !== 'same').length
  if (onlyDifferences && differing === 0) return null
  return (
    <details className="compare-values">
      <summary>
        Options and result of <span className="mono">{name}</span>{' '}
        <span className="quiet">{differing === 0 ? 'no difference' : `${differing} differ`}</span>
      </summary>
      <JsonPairs testId="compare-values" left={values(left)} right={values(right)} onlyDifferences={onlyDifferences} />
    </details>
  )
}
