import type { Source } from './source.ts'
import { apiRequest } from './sources/api-request.ts'
import { cdc } from './sources/cdc.ts'
import { doAction } from './sources/do-action.ts'
import { doEvent } from './sources/do-event.ts'
import { epcis } from './sources/epcis.ts'
import { otlpLog } from './sources/otlp-log.ts'
import { otlpMetric } from './sources/otlp-metric.ts'
import { otlpSpan } from './sources/otlp-span.ts'
import { segmentAlias } from './sources/segment-alias.ts'
import { segmentGroup } from './sources/segment-group.ts'
import { segmentIdentify } from './sources/segment-identify.ts'
import { segmentPage } from './sources/segment-page.ts'
import { segmentScreen } from './sources/segment-screen.ts'
import { segmentTrack } from './sources/segment-track.ts'
import { sessionReplay } from './sources/session-replay.ts'
import { snippet } from './sources/snippet.ts'
import { tail } from './sources/tail.ts'
import { unified } from './sources/unified.ts'
import { webVital } from './sources/web-vital.ts'

const SOURCES: readonly Source[] = [
  unified,
  otlpSpan,
  otlpLog,
  otlpMetric,
  segmentTrack,
  segmentIdentify,
  segmentPage,
  segmentScreen,
  segmentGroup,
  segmentAlias,
  cdc,
  webVital,
  sessionReplay,
  snippet,
  doEvent,
  doAction,
  tail,
  apiRequest,
  epcis,
]

/** Every kind of payload that becomes events, by its name. */
export const sources: ReadonlyMap<string, Source> = new Map(SOURCES.map(source => [source.name, source]))
