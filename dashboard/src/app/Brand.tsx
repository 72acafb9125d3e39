import { Link } from '@tanstack/react-router'

export function Brand() {
  return (
    <Link to="/" className="brand" aria-label="Event Detector Observability, start page">
      <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
        <path d="M6 12h6m0 0V6h5M12 12v6h5" stroke="var(--edge)" strokeWidth="1.8" fill="none" />
        <circle cx="5" cy="12" r="3" fill="var(--ink)" />
        <circle cx="18.5" cy="6" r="3" fill="var(--ok)" />
        <circle cx="18.5" cy="18" r="3" fill="var(--running)" />
      </svg>
      <div className="brand-name">
        Event Detector <span>Observability</span>
      </div>
    </Link>
  )
}
