import { Popover } from '@mantine/core'
import { Columns3 } from 'lucide-react'
import { COLUMN_CHOICES, chosenColumns } from './columns.tsx'

/** Which columns the list has. The choice stands in the address, so a link shows the same. */
export function ColumnsMenu({
  cols,
  onChange,
}: {
  cols: readonly string[] | undefined
  onChange: (cols: string[] | undefined) => void
}) {
  const chosen = chosenColumns(cols)
  const toggle = (id: string) => {
    const next = COLUMN_CHOICES.map(choice => choice.id).filter(one =>
      one === id ? !chosen.includes(one) : chosen.includes(one),
    )
    const isUsual = COLUMN_CHOICES.every(choice => choice.usual === next.includes(choice.id))
    onChange(isUsual ? undefined : next)
  }
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="icon-button" aria-label="Columns" title="Columns">
          <Columns3 size={16} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="filter-dropdown">
        <fieldset className="columns-menu">
          <legend>Columns</legend>
          {COLUMN_CHOICES.map(({ id, label }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                disabled={id === 'change'}
                onChange={() => toggle(id)}
              />
              {label}
            </label>
          ))}
          {cols && (
            <button type="button" className="link-button" onClick={() => onChange(undefined)}>
              The usual ones
            </button>
          )}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  )
}
