import { type ReactNode, useMemo } from 'react'
import { Answer, Empty, SkeletonRows } from '../../components/Panel.tsx'
import { useZone } from '../../components/use-zone.ts'
import { Waterfall } from '../../components/waterfall/Waterfall.tsx'
import {
  toWaterfallSearch,
  toWaterfallState,
  type WaterfallSearch,
} from '../../components/waterfall/waterfall-state.ts'
import type { Spans } from './use-spans.ts'

interface SpansWaterfallProps {
  spans: Spans
  label: string
  search: WaterfallSearch
  onSearch: (change: WaterfallSearch, replace: boolean) => void
  selectedId: string | null
  onSelect: (id: string, replace: boolean) => void
  onOpen: () => void
  empty?: ReactNode
}

/** What was left out of the address stands for the state at first. */
const UNSET = { q: undefined, only: undefined, path: undefined, idle: undefined, zoom: undefined }

/** The waterfall of what was read, with its states: on its way, nothing, not all. */
export function SpansWaterfall({
  spans,
  label,
  search,
  onSearch,
  selectedId,
  onSelect,
  onOpen,
  empty,
}: SpansWaterfallProps) {
  const [zone] = useZone()
  const { q, only, path, idle, zoom } = search
  const state = useMemo(
    () =>
      toWaterfallState({
        ...(q && { q }),
        ...(only && { only }),
        ...(path && { path }),
        ...(idle !== undefined && { idle }),
        ...(zoom && { zoom }),
      }),
    [q, only, path, idle, zoom],
  )
  const { shown, missing } = spans
  return (
    <div className="spans-view">
      <Answer
        query={spans.query}
        skeleton={<SkeletonRows rows={14} height={16} />}
        partial={() => missing}
        empty={() => (shown || spans.building ? null : (empty ?? <Empty title="No spans were recorded" />))}
      >
        {() =>
          shown ? (
            <Waterfall
              tree={shown.tree}
              now={shown.now}
              marks={shown.marks}
              zone={zone}
              state={state}
              onState={next => onSearch({ ...UNSET, ...toWaterfallSearch(next) } as WaterfallSearch, true)}
              selectedId={selectedId}
              onSelect={(id, how) => onSelect(id, how === 'walked')}
              onOpen={onOpen}
              keys="page"
              label={label}
            />
          ) : (
            <SkeletonRows rows={14} height={16} />
          )
        }
      </Answer>
    </div>
  )
}
