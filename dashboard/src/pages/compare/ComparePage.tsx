import { getRouteApi } from '@tanstack/react-router'
import { useKeys } from '../../components/use-keys.ts'
import { usePageTitle } from '../../components/use-page-title.ts'
import { ChooseSides } from './ChooseSides.tsx'
import { CompareChains } from './CompareChains.tsx'
import { CompareInvocations } from './CompareInvocations.tsx'
import { CompareJobs } from './CompareJobs.tsx'
import { FindEarlier } from './FindEarlier.tsx'
import { type CompareSearch, isId, isPreset, type Kind } from './url.ts'
import './compare.css'

const route = getRouteApi('/compare')
const TITLES: Record<Kind, string> = {
  invocation: 'Compare two invocations',
  chain: 'Compare two chains',
  job: 'Compare two job runs',
}

/** Two things side by side: `left` is what `right` is compared with. */
export function ComparePage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { kind = 'invocation', left, right } = search
  const only = search.only === 'differences'
  const ready = isId(left) && isId(right)
  usePageTitle(ready ? TITLES[kind] : 'Compare')
  const showOnly = (chosen: boolean) =>
    void navigate({
      search: before => ({ ...before, only: chosen ? ('differences' as const) : undefined }),
      resetScroll: false,
    })
  useKeys({
    x: () => (ready ? void navigate({ search: before => ({ ...before, left: right, right: left }) }) : false),
    d: () => (ready ? showOnly(!only) : false),
  })
  return (
    <div className="page-scroll" data-space-pauses data-scroll-restoration-id="compare">
      <div className="compare">
        <header className="page-head compare-head">
          <h1>{ready || isPreset(left) ? TITLES[kind] : 'Compare'}</h1>
          {ready && (
            <fieldset className="segments" aria-label="What is listed">
              <button type="button" aria-pressed={!only} onClick={() => showOnly(false)}>
                Everything
              </button>
              <button type="button" aria-pressed={only} onClick={() => showOnly(true)}>
                Only differences
              </button>
            </fieldset>
          )}
        </header>
        <Body search={search} kind={kind} only={only} />
      </div>
    </div>
  )
}

function Body({ search, kind, only }: { search: CompareSearch; kind: Kind; only: boolean }) {
  const { left, right } = search
  if (isPreset(left) && isId(right)) {
    return <FindEarlier key={`${kind} ${left} ${right}`} kind={kind} preset={left} right={right} />
  }
  if (!isId(left) || !isId(right)) return <ChooseSides key={`${kind} ${left} ${right}`} search={search} />
  switch (kind) {
    case 'invocation':
      return <CompareInvocations left={left} right={right} only={only} />
    case 'chain':
      return <CompareChains left={left} right={right} only={only} />
    case 'job':
      return <CompareJobs left={left} right={right} only={only} />
  }
  kind satisfies never
}
