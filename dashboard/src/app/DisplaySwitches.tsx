import { Popover, useMantineColorScheme } from '@mantine/core'
import { Monitor, Moon, Settings2, Sun } from 'lucide-react'
import { useZone } from '../components/use-zone.ts'

const THEMES = [
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
  { value: 'auto', label: 'As the system', icon: Monitor },
] as const

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <fieldset className="segments" aria-label="Theme">
      {THEMES.map(({ value, label, icon: Icon }) => (
        <button
          key={value}
          type="button"
          aria-pressed={colorScheme === value}
          aria-label={label}
          title={label}
          onClick={() => setColorScheme(value)}
        >
          <Icon size={14} />
        </button>
      ))}
    </fieldset>
  )
}

export function ZoneSwitch() {
  const [zone, setZone] = useZone()
  return (
    <fieldset className="segments" aria-label="Time zone">
      <button type="button" aria-pressed={zone === 'local'} onClick={() => setZone('local')}>
        Local
      </button>
      <button type="button" aria-pressed={zone === 'utc'} onClick={() => setZone('utc')}>
        UTC
      </button>
    </fieldset>
  )
}

/** The same switches on a narrow screen. */
export function DisplayMenu() {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <button type="button" className="icon-button display-menu" aria-label="Display">
          <Settings2 size={16} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="filter-dropdown">
        <div className="display-panel">
          <div className="display-row">
            Times <ZoneSwitch />
          </div>
          <div className="display-row">
            Theme <ThemeSwitch />
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}
