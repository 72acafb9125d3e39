import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import './json-tree.css'

const MAX_SHOWN = 200

/** Any JSON value; objects and arrays open and close. The first level is open, the second when it is small. */
export function JsonTree({ value, name, level = 0 }: { value: unknown; name?: string; level?: number }) {
  if (!isBranch(value)) {
    return (
      <div className="json-line">
        {name !== undefined && <span className="json-name">{name}</span>}
        <JsonLeaf value={value} />
      </div>
    )
  }
  return <JsonBranch value={value} name={name} level={level} />
}

function JsonBranch({ value, name, level }: { value: object; name: string | undefined; level: number }) {
  const entries = Object.entries(value)
  const [open, setOpen] = useState(level === 0 || (level < 2 && entries.length <= 24))
  const brackets = Array.isArray(value) ? '[]' : '{}'
  if (entries.length === 0) {
    return (
      <div className="json-line">
        {name !== undefined && <span className="json-name">{name}</span>}
        <span className="quiet">{brackets}</span>
      </div>
    )
  }
  return (
    <div>
      <button type="button" className="json-line json-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight className="json-chevron" size={12} />
        {name !== undefined && <span className="json-name">{name}</span>}
        <span className="quiet">
          {brackets[0]}
          {open ? '' : ` ${entries.length} `}
          {open ? '' : brackets[1]}
        </span>
      </button>
      {open && (
        <div className="json-children">
          {entries.slice(0, MAX_SHOWN).map(([key, child]) => (
            <JsonTree key={key} name={key} value={child} level={level + 1} />
          ))}
          {entries.length > MAX_SHOWN && (
            <div className="json-line quiet">{entries.length - MAX_SHOWN} more entries are not drawn</div>
          )}
        </div>
      )}
    </div>
  )
}

/** One scalar, coloured by type. Nested values are written on one line. */
export function JsonLeaf({ value }: { value: unknown }) {
  if (value === undefined) return <span className="quiet">–</span>
  const type = value === null ? 'null' : typeof value
  const text = type === 'string' ? (value as string) : JSON.stringify(value)
  return (
    <span className="json-value" data-type={type}>
      {type === 'string' && text === '' ? '""' : text}
    </span>
  )
}

export function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
