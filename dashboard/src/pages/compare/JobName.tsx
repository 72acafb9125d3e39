import { Link } from '@tanstack/react-router'
import type { JobSide } from './queries.ts'

/** A job's name; where it ran on both sides, the way to compare the two runs. */
export function JobName({ name, left, right }: { name: string; left: JobSide | null; right: JobSide | null }) {
  if (!left || !right) return <span className="mono">{name}</span>
  return (
    <Link
      to="/compare"
      search={{ kind: 'job', left: left.id, right: right.id }}
      className="mono mini-link"
      title="Compare the two runs"
    >
      {name}
    </Link>
  )
}
