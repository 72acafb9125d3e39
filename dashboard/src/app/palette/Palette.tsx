import { useMantineColorScheme } from '@mantine/core'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import '@mantine/spotlight/styles.layer.css'
import './palette.css'
import { useRouter } from '@tanstack/react-router'
import { Clock, Fingerprint, Globe, Keyboard, ListTree, Moon, Pause, Play, Sun } from 'lucide-react'
import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react'
import { useApi, useLive } from '../../api/ApiProvider.tsx'
import { useLiveQuery } from '../../api/use-live-query.ts'
import { useZone } from '../../components/use-zone.ts'
import { NAV } from '../nav.ts'
import { FIND_ID, placesOf } from './find-id.ts'
import { readRecents } from './recents.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

interface Command {
  id: string
  label: string
  icon: ReactNode
  keywords?: string
  hint?: string
  run: () => void
  /** The palette stays open. */
  stays?: boolean
}

const [store, palette] = createSpotlight()

/** Goes anywhere: a page, an id, a record key, what was open before; and does what has no button of its own. Opens each time `opens` grows. */
export function Palette({ opens, onKeys }: { opens: number; onKeys: () => void }) {
  const [query, setQuery] = useState('')
  const router = useRouter()
  useEffect(() => {
    if (opens > 0) palette.open()
  }, [opens])
  const text = query.trim()
  const go = (href: string) => router.history.push(href)
  const groups = useCommands(text, go, onKeys)
  const matches = groups
    .map(group => ({ ...group, commands: group.always ? group.commands : group.commands.filter(isMatch(text)) }))
    .filter(group => group.commands.length > 0)
  const listed = matches.flatMap(group => group.commands.map(command => command.id)).join(' ')
  useLayoutEffect(() => {
    if (text !== '' && listed !== '') selectFirst()
  }, [text, listed])

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      store={store}
      scrollable
      maxHeight={420}
      size={560}
      title="Go to"
      classNames={{ content: 'palette' }}
    >
      <Spotlight.Search placeholder="Page, id or record key" aria-label="Page, id or record key" />
      <Spotlight.ActionsList>
        {matches.map(group => (
          <Spotlight.ActionsGroup key={group.label} label={group.label}>
            {group.commands.map(command => (
              <Spotlight.Action key={command.id} onClick={command.run} closeSpotlightOnTrigger={!command.stays}>
                <span className="palette-action">
                  <span className="palette-icon" aria-hidden="true">
                    {command.icon}
                  </span>
                  <span className="palette-label">{command.label}</span>
                  {command.hint && <kbd>{command.hint}</kbd>}
                </span>
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {matches.length === 0 && <Spotlight.Empty>Nothing has this name</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

/** The library marks what is selected in the page itself, so the mark goes with its entry (an id was looked up, say), and Enter would do nothing. */
function selectFirst(): void {
  const list = document.getElementById(store.getState().listId)
  list?.querySelector('[data-selected]')?.removeAttribute('data-selected')
  list?.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
  store.updateState(state => ({ ...state, selected: 0 }))
}

function isMatch(text: string) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return ({ label, keywords = '' }: Command) => words.every(word => `${label} ${keywords}`.toLowerCase().includes(word))
}

interface CommandGroup {
  label: string
  commands: Command[]
  /** They answer the text themselves. */
  always?: boolean
}

function useCommands(text: string, go: (href: string) => void, onKeys: () => void): CommandGroup[] {
  const { live } = useApi()
  const { pausedAt } = useLive()
  const [zone, setZone] = useZone()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isId = UUID.test(text)
  const found = useLiveQuery(FIND_ID, { id: text }, { every: 0, skip: !isId })
  const icon = (Icon: typeof Clock) => <Icon size={15} />
  const pages = NAV.flatMap(group => group.entries).map(entry => ({
    id: entry.to,
    label: entry.label,
    icon: icon(entry.icon as typeof Clock),
    keywords: entry.keywords,
    hint: `g ${entry.key}`,
    run: () => go(entry.to),
  }))
  const lookups: Command[] = []
  for (const place of isId && found.data ? placesOf(text, found.data) : []) {
    lookups.push({ id: place.href, label: place.label, icon: icon(Fingerprint), run: () => go(place.href) })
  }
  const isLooking = isId && !found.data && !found.failure
  if (isLooking) {
    lookups.push({ id: 'looking', label: 'Looking for this id…', icon: icon(Fingerprint), run: () => {}, stays: true })
  }
  // Records often have UUIDs for keys, too.
  if (text !== '' && !isLooking) {
    lookups.push({
      id: 'key',
      label: `${isId && found.data && lookups.length === 0 ? 'Nothing recorded has this id: invocations' : 'Invocations'} of the record key ${text}`,
      icon: icon(ListTree),
      run: () => go(`/invocations?q=${encodeURIComponent(`key:"${text}"`)}`),
    })
  }
  return [
    { label: 'Find', commands: lookups, always: true },
    { label: 'Pages', commands: pages },
    {
      label: 'Opened before',
      commands: readRecents().map(({ href, title }) => ({
        id: href,
        label: title,
        icon: icon(Clock),
        run: () => go(href),
      })),
    },
    {
      label: 'Display',
      commands: [
        {
          id: 'theme',
          label: colorScheme === 'dark' ? 'Light theme' : 'Dark theme',
          icon: icon(colorScheme === 'dark' ? Sun : Moon),
          keywords: 'dark light colour',
          run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark'),
        },
        {
          id: 'zone',
          label: zone === 'utc' ? 'Times in local time' : 'Times in UTC',
          icon: icon(Globe),
          keywords: 'time zone utc local',
          hint: 'u',
          run: () => setZone(zone === 'utc' ? 'local' : 'utc'),
        },
        {
          id: 'pause',
          label: pausedAt === null ? 'Pause what moves' : 'Go on',
          icon: icon(pausedAt === null ? Pause : Play),
          keywords: 'live pause stop resume',
          hint: 'Space',
          run: () => live.setPaused(pausedAt === null),
        },
        {
          id: 'keys',
          label: 'Keyboard shortcuts',
          icon: icon(Keyboard),
          keywords: 'help keys',
          hint: '?',
          run: onKeys,
        },
      ],
    },
  ]
}
