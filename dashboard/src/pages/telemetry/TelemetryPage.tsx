import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useApi } from '../../api/ApiProvider.tsx'
import { usePageTitle } from '../../components/use-page-title.ts'
import { type Range, useRange } from '../../components/use-range.ts'
import { useZone } from '../../components/use-zone.ts'
import { type ComparedWindows, comparedWindows, stepOf } from '../../model/compared-windows.ts'
import { describeRange } from '../../model/describe-range.ts'
import { chartStep } from '../../model/time-range.ts'
import { EventsChart, VolumeChart } from './Charts.tsx'
import { RecentErrors } from './RecentErrors.tsx'
import { Snapshots } from './Snapshots.tsx'
import { TopSources } from './TopSources.tsx'
import { Totals } from './Totals.tsx'
import { parseTelemetrySearch, type Source } from './url.ts'
import './telemetry.css'

const route = getRouteApi('/telemetry')

/** The window of the page, the same a week earlier, and how its charts are divided. */
export interface TelemetryWindow {
  range: Range
  /** In milliseconds. */
  step: number
  interval: string
  /** How often totals are read again. */
  every: number
  variables: () => ComparedWindows
}

/** What comes in, from where, and how well it is processed, compared with the same time last week. */
export function TelemetryPage() {
  const address = route.useSearch()
  const by = parseTelemetrySearch({ ...address }).by ?? 'functions'
  const navigate = route.useNavigate()
  const range = useRange()
  const { config } = useApi()
  const [zone] = useZone()
  usePageTitle('Telemetry')
  const window = useMemo<TelemetryWindow>(() => {
    const step = stepOf(range.span(), chartStep)
    return {
      range,
      step,
      interval: `${step / 1000} seconds`,
      every: Math.max(1, Math.round(config.overviewPollIntervalMs / config.pollIntervalMs)),
      variables: () => comparedWindows(range.span(), 'week'),
    }
  }, [range, config])
  return (
    <div className="page-scroll" data-space-pauses data-scroll-restoration-id="telemetry">
      <div className="telemetry">
        <div className="page-head">
          <h1>Telemetry</h1>
          <p className="quiet">{describeRange(range, zone)}, compared with the same time last week</p>
        </div>
        <Totals window={window} />
        <VolumeChart window={window} />
        <TopSources
          window={window}
          by={by}
          onChange={(source: Source) =>
            void navigate({ search: source === 'functions' ? {} : { by: source }, resetScroll: false })
          }
        />
        <EventsChart window={window} />
        <RecentErrors window={window} />
        <Snapshots window={window} />
      </div>
    </div>
  )
}
