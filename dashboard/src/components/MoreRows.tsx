import { formatCount } from '../model/names.ts'

interface MoreRowsProps {
  /** What the rows are, if the sentence needs it. */
  what?: string
  shown: number
  /** How many there were in the time; they may not all be kept. */
  total: number
  /** So many were asked for. */
  limit: number
  /** More than this cannot be asked for. */
  most: number
  onLimit: (limit: number) => void
}

/** Below the newest rows: how many of all they are, and the way to more. */
export function MoreRows({ what, shown, total, limit, most, onLimit }: MoreRowsProps) {
  if (shown >= total) return null
  const isFull = shown >= limit
  return (
    <p className="entity-more">
      {limit < most && isFull && (
        <button type="button" className="button" onClick={() => onLimit(Math.min(most, limit * 2))}>
          Show more
        </button>
      )}{' '}
      <span className="quiet">
        {formatCount(shown)} of {formatCount(total)} {what && `${what} `}shown
        {!isFull && '; older ones are not kept any more'}
        {limit >= most && isFull && '; choose a shorter time for older ones'}
      </span>
    </p>
  )
}
