import { isBranch, JsonLeaf } from '../../components/JsonTree.tsx'
import { diffJson, type JsonDifference } from '../../model/compare/diff-json.ts'
import { count } from '../../model/names.ts'
import { type PairRow, PairTable } from './PairTable.tsx'

const WORDS = { same: [], changed: ['changed'], left: ['only left'], right: ['only right'] } as const

/** Two JSON values place by place. */
export function JsonPairs({
  left,
  right,
  testId,
  onlyDifferences,
}: {
  left: unknown
  right: unknown
  testId: string
  onlyDifferences: boolean
}) {
  const { places, cut } = diffJson(left, right)
  return (
    <>
      <PairTable
        testId={testId}
        header="Where"
        noun="value"
        onlyDifferences={onlyDifferences}
        rows={places.map(toRow)}
      />
      {cut && <p className="compare-same quiet">Only the first {count(places.length, 'value')} are compared.</p>}
    </>
  )
}

export function toRow({ path, left, right, state }: JsonDifference): PairRow {
  return {
    key: path,
    name: <span className="mono">{path || 'value'}</span>,
    left: left === undefined ? null : <Value value={left} />,
    right: right === undefined ? null : <Value value={right} />,
    differences: WORDS[state],
  }
}

function Value({ value }: { value: unknown }) {
  return (
    <span className="mono compare-value">{isBranch(value) ? JSON.stringify(value) : <JsonLeaf value={value} />}</span>
  )
}
