import { Popover } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Bookmark, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { InvocationsSearch } from './url.ts'
import { parseInvocationsSearch } from './url.ts'
import { readViews, type SavedView, writeViews } from './views.ts'

const PRESETS: SavedView[] = [
  { name: 'Failures', search: { status: ['failed', 'timeout', 'lost'] } },
  { name: 'With failed jobs', search: { q: 'jobs_failed:>0' } },
  { name: 'Slowest first', search: { sort: 'duration' } },
  { name: 'Running now', search: { status: ['running'] } },
  { name: 'Detected nothing', search: { q: 'detected:0' } },
  { name: 'By root', search: { roots: true } },
  { name: 'Replays', search: { q: 'is:replay' } },
]

/** Filters under a name: some that most people need, and one's own. A view is its address; names stay in this browser. */
export function ViewsMenu({ search }: { search: InvocationsSearch }) {
  const [opened, setOpened] = useState(false)
  const [views, setViews] = useState(readViews)
  const [name, setName] = useState('')
  const change = (next: SavedView[]) => {
    setViews(next)
    writeViews(next)
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    const trimmed = name.trim()
    if (!trimmed) return
    change([
      ...views.filter(view => view.name !== trimmed),
      { name: trimmed, search: parseInvocationsSearch({ ...search }) },
    ])
    setName('')
  }
  const item = (view: SavedView, isOwn: boolean) => (
    <li key={view.name}>
      <Link to="/invocations" search={view.search} onClick={() => setOpened(false)}>
        {view.name}
      </Link>
      {isOwn && (
        <button
          type="button"
          className="icon-button small"
          aria-label={`Remove the view ${view.name}`}
          onClick={() => change(views.filter(other => other.name !== view.name))}
        >
          <X size={13} />
        </button>
      )}
    </li>
  )
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className="icon-button"
          aria-label="Views"
          title="Views"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          <Bookmark size={16} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="filter-dropdown">
        <div className="views-menu">
          <ul>{PRESETS.map(view => item(view, false))}</ul>
          {views.length > 0 && <ul>{views.map(view => item(view, true))}</ul>}
          <form onSubmit={save}>
            <input
              value={name}
              onChange={event => setName(event.currentTarget.value)}
              placeholder="Name of what is shown now"
              aria-label="Name of what is shown now"
              maxLength={60}
            />
            <button type="submit" className="button" disabled={name.trim() === ''}>
              Save
            </button>
          </form>
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}
