import type { LinkProps } from '@tanstack/react-router'
import {
  Activity,
  ChartNoAxesCombined,
  Cog,
  Columns2,
  Filter,
  Gauge,
  Link2,
  ListTree,
  type LucideIcon,
  Network,
  Radio,
  ScrollText,
  Settings,
  Waypoints,
} from 'lucide-react'

export interface NavEntry {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: LucideIcon
  /** The key after `g` that goes there. */
  key: string
  /** What else a person may call it, for the command palette. */
  keywords: string
}

export interface NavGroup {
  label: string
  entries: readonly NavEntry[]
}

/** The pages in the side bar and the command palette. A page that does not exist yet is not in it. */
export const NAV: readonly NavGroup[] = [
  {
    label: 'Observe',
    entries: [
      { to: '/', label: 'Overview', icon: Gauge, key: 'o', keywords: 'home health start dashboard stuck lost' },
      {
        to: '/map',
        label: 'Map',
        icon: Network,
        key: 'p',
        keywords: 'graph topology dependencies tables functions modules jobs services',
      },
      { to: '/live', label: 'Live', icon: Radio, key: 'l', keywords: 'stream tail events topics websocket' },
      { to: '/logs', label: 'Logs', icon: ScrollText, key: 'e', keywords: 'lines console output messages errors otlp' },
    ],
  },
  {
    label: 'Executions',
    entries: [
      {
        to: '/invocations',
        label: 'Invocations',
        icon: ListTree,
        key: 'i',
        keywords: 'list events payloads functions',
      },
      { to: '/jobs', label: 'Jobs', icon: Cog, key: 'j', keywords: 'runs failures errors fingerprints percentiles' },
      {
        to: '/modules',
        label: 'Event modules',
        icon: Filter,
        key: 'm',
        keywords: 'detectors detections never always fired why not reasons',
      },
      { to: '/correlations', label: 'Correlations', icon: Link2, key: 'c', keywords: 'groups keys chains roots' },
      {
        to: '/traces',
        label: 'Traces',
        icon: Waypoints,
        key: 't',
        keywords: 'spans opentelemetry otlp services waterfall',
      },
      {
        to: '/compare',
        label: 'Compare',
        icon: Columns2,
        key: 'd',
        keywords: 'diff differences side by side last good previous before after',
      },
    ],
  },
  {
    label: 'Understand',
    entries: [
      {
        to: '/analytics',
        label: 'Analytics',
        icon: ChartNoAxesCombined,
        key: 'a',
        keywords: 'trends failures errors bottlenecks slow durations histogram heatmap compare periods percentiles',
      },
      {
        to: '/telemetry',
        label: 'Telemetry',
        icon: Activity,
        key: 'y',
        keywords: 'volume throughput sources success rate snapshots hourly week recent errors events stored',
      },
    ],
  },
  {
    label: 'This dashboard',
    entries: [
      {
        to: '/settings',
        label: 'Settings',
        icon: Settings,
        key: 's',
        keywords: 'theme zone polling retention size login',
      },
    ],
  },
]
