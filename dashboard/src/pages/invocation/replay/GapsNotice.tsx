import type { PayloadGap } from '../../../../../src/payload-gaps.ts'
import { StatusShape } from '../../../components/StatusMark.tsx'
import { count } from '../../../model/names.ts'

const SHOWN = 8

/** What of a payload is not as Hasura sent it: the detector would see these words in its place. */
export function GapsNotice({ gaps }: { gaps: readonly PayloadGap[] }) {
  if (gaps.length === 0) return null
  return (
    <div className="replay-gaps" role="status" data-testid="gaps">
      <StatusShape tone="warning" />
      <div>
        <strong>
          {count(gaps.length, 'part')} of this payload {gaps.length === 1 ? 'is' : 'are'} missing.
        </strong>{' '}
        Secrets are redacted and long values cut before they are stored. Fill them in, or the detector reads the words
        that stand there.
        <ul>
          {gaps.slice(0, SHOWN).map(gap => (
            <li key={gap.path}>
              <span className="mono">{gap.path}</span> <span className="quiet">{gap.kind}</span>
            </li>
          ))}
          {gaps.length > SHOWN && <li className="quiet">and {gaps.length - SHOWN} more</li>}
        </ul>
      </div>
    </div>
  )
}
