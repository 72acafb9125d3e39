import { useMediaQuery } from '@mantine/hooks'
import { Outlet, useMatches, useNavigate } from '@tanstack/react-router'
import { Menu, Search } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useApi } from '../api/ApiProvider.tsx'
import { CopyLink } from '../components/CopyLink.tsx'
import { RangeControl } from '../components/RangeControl.tsx'
import { useKeys } from '../components/use-keys.ts'
import { useStored } from '../components/use-stored.ts'
import { useZone } from '../components/use-zone.ts'
import { FailureChip } from './FailureChip.tsx'
import { KeysDialog } from './KeysDialog.tsx'
import { LiveIndicator } from './LiveIndicator.tsx'
import { NAV } from './nav.ts'
import { Sidebar } from './Sidebar.tsx'

// Loaded when it is first asked for.
const Palette = lazy(() => import('./palette/Palette.tsx').then(module => ({ default: module.Palette })))

const GO_KEYS = new Map(NAV.flatMap(group => group.entries.map(entry => [entry.key, entry.to] as const)))

export function Shell() {
  const { live } = useApi()
  const navigate = useNavigate()
  const [keysOpen, setKeysOpen] = useState(false)
  const [paletteOpens, setPaletteOpens] = useState(0)
  const openPalette = () => setPaletteOpens(opens => opens + 1)
  const [sheetOpen, setSheetOpen] = useState(false)
  const [folded, setFolded] = useStored('observability.sidebar', 'wide', ['wide', 'folded'] as const)
  const isNarrow = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false })
  const isMedium = useMediaQuery('(max-width: 1180px)', false, { getInitialValueInEffect: false })
  const [zone, setZone] = useZone()
  const hasRange = useMatches({ select: matches => matches.some(match => match.staticData.range === true) })
  useKeys(
    {
      '?': () => setKeysOpen(true),
      u: () => setZone(zone === 'utc' ? 'local' : 'utc'),
      ' ': event => {
        // On a button, a link or a scrolled text the space bar has its own meaning.
        if (event.target !== document.body && !(event.target as Element).closest('[data-space-pauses]')) return false
        live.setPaused(live.get().pausedAt === null)
      },
    },
    { go: key => GO_KEYS.has(key) && void navigate({ to: GO_KEYS.get(key) }) },
  )
  useKeys({ 'mod+k': openPalette })

  return (
    <div className="shell" data-nav={isNarrow ? 'sheet' : folded === 'folded' || isMedium ? 'folded' : 'wide'}>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      {(!isNarrow || sheetOpen) && (
        <Sidebar
          folded={folded === 'folded' || isMedium}
          onFold={fold => setFolded(fold ? 'folded' : 'wide')}
          onKeys={() => setKeysOpen(true)}
          sheet={isNarrow}
          onNavigate={() => setSheetOpen(false)}
        />
      )}
      {isNarrow && sheetOpen && (
        <button
          type="button"
          className="sheet-backdrop"
          aria-label="Close the menu"
          onClick={() => setSheetOpen(false)}
        />
      )}
      <header className="topbar">
        {isNarrow && (
          <button
            type="button"
            className="icon-button"
            aria-label="Pages"
            aria-expanded={sheetOpen}
            onClick={() => setSheetOpen(!sheetOpen)}
          >
            <Menu size={18} />
          </button>
        )}
        <button type="button" className="palette-button" onClick={openPalette} data-testid="palette-button">
          <Search size={14} aria-hidden="true" />
          <span>Go to a page or an id</span>
          <kbd>Ctrl K</kbd>
        </button>
        <div className="topbar-end">
          {hasRange && <RangeControl />}
          <LiveIndicator />
          <CopyLink />
        </div>
      </header>
      <main className="page" id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <FailureChip />
      <KeysDialog opened={keysOpen} onClose={() => setKeysOpen(false)} />
      {paletteOpens > 0 && (
        <Suspense>
          <Palette opens={paletteOpens} onKeys={() => setKeysOpen(true)} />
        </Suspense>
      )}
    </div>
  )
}
