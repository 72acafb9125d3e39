import { useMatches } from '@tanstack/react-router'
import { useApi } from '../api/ApiProvider.tsx'
import { toRangeSearch } from '../model/time-range.ts'
import { CopyButton } from './CopyButton.tsx'
import { useCopy } from './use-copy.ts'
import { useKeys } from './use-keys.ts'
import { useRange } from './use-range.ts'

/** Copies the address of what is on screen. A range that moves with the clock is fixed, so that the link shows the same later. */
export function CopyLink() {
  const range = useRange()
  const { live } = useApi()
  const hasRange = useMatches({ select: matches => matches.some(match => match.staticData.range === true) })
  const link = () => {
    const url = new URL(window.location.href)
    if (!hasRange) {
      url.searchParams.delete('from')
      url.searchParams.delete('to')
      return url.href
    }
    const { pausedAt } = live.get()
    const fixed = toRangeSearch(range.span())
    url.searchParams.set('from', fixed.from)
    url.searchParams.set('to', range.moving && pausedAt !== null ? String(Math.round(pausedAt / 1000)) : fixed.to)
    return url.href
  }
  const { copy, outcome } = useCopy()
  useKeys({ y: () => copy(link()) })
  return <CopyButton text={link} what="link (y)" outcome={outcome} />
}
