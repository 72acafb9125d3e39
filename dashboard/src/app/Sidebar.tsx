import { Link } from '@tanstack/react-router'
import { ExternalLink, Keyboard, PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { useApi } from '../api/ApiProvider.tsx'
import { Brand } from './Brand.tsx'
import { DisplayMenu, ThemeSwitch, ZoneSwitch } from './DisplaySwitches.tsx'
import { NAV } from './nav.ts'

interface SidebarProps {
  /** Icons only. */
  folded: boolean
  onFold: (folded: boolean) => void
  onKeys: () => void
  /** Shown over the page, on a narrow screen. */
  sheet: boolean
  onNavigate: () => void
}

/** The pages, and how everything is displayed. */
export function Sidebar({ folded, onFold, onKeys, sheet, onNavigate }: SidebarProps) {
  const { config } = useApi()
  const isFolded = folded && !sheet
  const foldButton = (
    <button
      type="button"
      className="icon-button fold-button"
      aria-label={folded ? 'Widen the side bar' : 'Fold the side bar'}
      title={folded ? 'Widen the side bar' : 'Fold the side bar'}
      aria-expanded={!folded}
      aria-controls="sidebar"
      onClick={() => onFold(!folded)}
    >
      {folded ? <PanelLeftOpen size={16} /> : <PanelLeftClose size={16} />}
    </button>
  )
  return (
    <div className="sidebar" data-folded={isFolded || undefined} data-sheet={sheet || undefined} id="sidebar">
      <div className="sidebar-top">
        <Brand />
        {!isFolded && !sheet && foldButton}
      </div>
      <nav className="sidebar-nav" aria-label="Pages">
        {NAV.filter(group => group.entries.length > 0).map(group => (
          <div key={group.label} className="nav-group">
            <div className="nav-group-label">{group.label}</div>
            {group.entries.map(({ to, label, icon: Icon, key }) => (
              <Link
                key={to}
                to={to}
                className="nav-link"
                activeOptions={{ includeSearch: false, exact: to === '/' }}
                title={isFolded ? `${label} (g ${key})` : undefined}
                onClick={onNavigate}
              >
                <Icon size={16} aria-hidden="true" />
                <span className="nav-label">{label}</span>
              </Link>
            ))}
          </div>
        ))}
        {config.shopUrl && (
          <div className="nav-group">
            <div className="nav-group-label">Example</div>
            <a
              className="nav-link"
              href={config.shopUrl}
              target="_blank"
              rel="noreferrer"
              title={isFolded ? 'Example shop' : undefined}
            >
              <ExternalLink size={16} aria-hidden="true" />
              <span className="nav-label">
                Example shop<span className="sr-only">, opens in a new tab</span>
              </span>
            </a>
          </div>
        )}
      </nav>
      <div className="sidebar-foot">
        {!isFolded && (
          <div className="sidebar-switches">
            <ThemeSwitch />
            <ZoneSwitch />
          </div>
        )}
        {isFolded && <DisplayMenu />}
        <button
          type="button"
          className="icon-button"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={onKeys}
        >
          <Keyboard size={16} />
        </button>
        {isFolded && foldButton}
      </div>
    </div>
  )
}
