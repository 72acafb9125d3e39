import { usePageTitle } from '../../components/use-page-title.ts'
import { useRange } from '../../components/use-range.ts'
import { useTotalsInterval } from '../../components/use-totals-interval.ts'
import { useZone } from '../../components/use-zone.ts'
import { describeRange } from '../../model/describe-range.ts'
import { FailingJobs } from './FailingJobs.tsx'
import { Functions } from './Functions.tsx'
import { Headline } from './Headline.tsx'
import { Loops } from './Loops.tsx'
import { Recent } from './Recent.tsx'
import { RecorderHealth } from './RecorderHealth.tsx'
import { Trends } from './Trends.tsx'
import './overview.css'

/** Health at a glance: what happened in the window, against the equal one before, and the way to every row behind it. */
export function OverviewPage() {
  const range = useRange()
  const [zone] = useZone()
  const every = useTotalsInterval()
  usePageTitle('Overview')
  return (
    <div className="page-scroll" data-space-pauses data-scroll-restoration-id="overview">
      <div className="overview">
        <div className="page-head">
          <h1>Overview</h1>
          <p className="quiet">{describeRange(range, zone)}, compared with the same length of time right before</p>
        </div>
        <Headline range={range} every={every} />
        <Trends range={range} every={every} />
        <Functions range={range} every={every} />
        <FailingJobs range={range} every={every} />
        <Recent range={range} />
        <RecorderHealth />
        <Loops range={range} every={every} />
      </div>
    </div>
  )
}
