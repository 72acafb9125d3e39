import { Popover } from '@mantine/core'
import { CalendarClock, Check, ChevronLeft, ChevronRight, ZoomOut } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { describeRange } from '../model/describe-range.ts'
import { formatMinute, type Zone, zoneLabel } from '../model/time.ts'
import {
  parseTypedTime,
  RANGE_PRESETS,
  type RangeSearch,
  shiftSpan,
  toRangeSearch,
  widenSpan,
} from '../model/time-range.ts'
import { useKeys } from './use-keys.ts'
import { type Range, useRange, useSetRange } from './use-range.ts'
import { useZone } from './use-zone.ts'
import './range.css'

/** The range of time that the page is about: presets, typed ends, earlier, later, wider. */
export function RangeControl() {
  const range = useRange()
  const setRange = useSetRange()
  const [zone] = useZone()
  const [open, setOpen] = useState(false)
  useKeys({ t: () => setOpen(true) })
  const move = (direction: -1 | 1) => setRange(toRangeSearch(shiftSpan(range.span(), direction, Date.now())))
  return (
    <div className="range" data-testid="range">
      <button type="button" className="range-step" aria-label="Earlier" title="Earlier" onClick={() => move(-1)}>
        <ChevronLeft size={14} />
      </button>
      <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <button
            type="button"
            className="range-button"
            aria-haspopup="dialog"
            aria-expanded={open}
            title="Time range (t)"
            onClick={() => setOpen(!open)}
          >
            <CalendarClock size={14} aria-hidden="true" />
            <span>{describeRange(range, zone)}</span>
          </button>
        </Popover.Target>
        <Popover.Dropdown className="filter-dropdown" aria-label="Time range">
          <RangeForm
            range={range}
            zone={zone}
            onChoose={next => {
              setRange(next)
              setOpen(false)
            }}
          />
        </Popover.Dropdown>
      </Popover>
      <button
        type="button"
        className="range-step"
        aria-label="Later"
        title="Later"
        disabled={range.moving}
        onClick={() => move(1)}
      >
        <ChevronRight size={14} />
      </button>
      <button
        type="button"
        className="range-step range-wider"
        aria-label="Twice as long"
        title="Twice as long"
        onClick={() => setRange(toRangeSearch(widenSpan(range.span(), Date.now())))}
      >
        <ZoomOut size={14} />
      </button>
    </div>
  )
}

function RangeForm({ range, zone, onChoose }: { range: Range; zone: Zone; onChoose: (range: RangeSearch) => void }) {
  const id = useId()
  const span = range.span()
  const [from, setFrom] = useState(() => initialText(range.from, span.from, zone))
  const [to, setTo] = useState(() => (range.moving ? 'now' : initialText(range.to, span.to, zone)))
  const [mistake, setMistake] = useState<'from' | 'to' | null>(null)
  const apply = (event: FormEvent) => {
    event.preventDefault()
    const now = Date.now()
    const parsedFrom = parseTypedTime(from, zone === 'utc', now)
    const parsedTo = parseTypedTime(to, zone === 'utc', now)
    if (parsedFrom === null || parsedTo === null) return setMistake(parsedFrom === null ? 'from' : 'to')
    onChoose({ from: parsedFrom, to: parsedTo })
  }
  const field = (name: 'from' | 'to', label: string, value: string, set: (text: string) => void) => (
    <div className="range-field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        value={value}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={mistake === name}
        aria-describedby={mistake === name ? `${id}-mistake` : undefined}
        onChange={event => {
          set(event.currentTarget.value)
          setMistake(null)
        }}
      />
    </div>
  )
  const chosen = range.moving ? (range.from ?? null) : null
  return (
    <div className="range-panel">
      <ul className="range-presets">
        {RANGE_PRESETS.map(preset => {
          const active = chosen === preset.from || (chosen === null && range.key === `${preset.from}/now`)
          return (
            <li key={preset.from}>
              <button type="button" aria-pressed={active} onClick={() => onChoose({ from: preset.from })}>
                <span className="filter-check">{active && <Check size={13} aria-hidden="true" />}</span>
                {preset.label}
              </button>
            </li>
          )
        })}
      </ul>
      <form onSubmit={apply}>
        {field('from', 'From', from, setFrom)}
        {field('to', 'To', to, setTo)}
        {mistake && (
          <p className="range-mistake" id={`${id}-mistake`} role="alert">
            Write now-2h, 14:30 or 2026-11-21 14:30
          </p>
        )}
        <div className="range-actions">
          <span className="quiet">{zoneLabel(Date.now() * 1000, zone)}</span>
          <button type="submit" className="button">
            Apply
          </button>
        </div>
      </form>
    </div>
  )
}

function initialText(point: string | undefined, atMs: number, zone: Zone): string {
  if (point?.startsWith('now')) return point
  return formatMinute(atMs * 1000, zone)
}
