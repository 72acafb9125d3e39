import { Link, Outlet } from '@tanstack/react-router'
import { ExternalLink, Keyboard } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../api/ApiProvider.tsx'
import { useKeys } from '../components/use-keys.ts'
import { useZone } from '../components/use-zone.ts'
import { Brand } from './Brand.tsx'
import { DisplayMenu, ThemeSwitch, ZoneSwitch } from './DisplaySwitches.tsx'
import { FailureChip } from './FailureChip.tsx'
import { KeysDialog } from './KeysDialog.tsx'
import { LiveIndicator } from './LiveIndicator.tsx'
import { NAV } from './nav.ts'

export function Shell() {
  const { config, live } = useApi()
  const [keysOpen, setKeysOpen] = useState(false)
  const [zone, setZone] = useZone()
  useKeys({
    '?': () => setKeysOpen(true),
    u: () => setZone(zone === 'utc' ? 'local' : 'utc'),
    ' ': event => {
      // On a button, a link or a scrolled text the space bar has its own meaning.
      if (event.target !== document.body && !(event.target as Element).closest('[data-space-pauses]')) return false
      live.setPaused(live.get().pausedAt === null)
    },
  })

  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="topbar">
        <Brand />
        <nav aria-label="Pages">
          {NAV.map(({ to, label, icon: Icon }) => (
            <Link key={to} to={to} className="nav-link" activeOptions={{ includeSearch: false }}>
              <Icon size={15} aria-hidden="true" />
              {label}
            </Link>
          ))}
        </nav>
        {config.shopUrl && (
          <a className="nav-link" href={config.shopUrl} target="_blank" rel="noreferrer">
            Example shop
            <ExternalLink size={12} aria-label="opens in a new tab" />
          </a>
        )}
        <div className="topbar-end">
          <LiveIndicator />
          <span className="inline-display">
            <ZoneSwitch />
          </span>
          <span className="inline-display">
            <ThemeSwitch />
          </span>
          <DisplayMenu />
          <button
            type="button"
            className="icon-button"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => setKeysOpen(true)}
          >
            <Keyboard size={16} />
          </button>
        </div>
      </header>
      <main className="page" id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <FailureChip />
      <KeysDialog opened={keysOpen} onClose={() => setKeysOpen(false)} />
    </div>
  )
}
