import { Combobox, useCombobox } from '@mantine/core'
import { Check, ChevronDown } from 'lucide-react'
import { useEffect, useState } from 'react'
import './filter-menu.css'

export interface FilterOption {
  value: string
  label?: React.ReactNode
  /** How many there are. */
  count?: string | undefined
  /** What the count is of, when that is not plain. */
  hint?: string | undefined
}

interface FilterMenuProps {
  label: string
  options: readonly FilterOption[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
  onOpen?: () => void
  /** Said below the options. */
  note?: string | undefined
}

/** A button that names what is chosen and opens a list to choose from; typing narrows the list. */
export function FilterMenu({ label, options, chosen, onChange, onOpen, note }: FilterMenuProps) {
  const [search, setSearch] = useState('')
  const combobox = useCombobox({
    onDropdownOpen: () => {
      onOpen?.()
      combobox.focusSearchInput()
    },
    onDropdownClose: () => {
      setSearch('')
      combobox.resetSelectedOption()
      combobox.focusTarget()
    },
  })
  // A value from the URL that the data does not have any more must stay visible, or it could not be taken out.
  const all: FilterOption[] = [
    ...options,
    ...chosen.filter(value => !options.some(option => option.value === value)).map(value => ({ value })),
  ]
  const shown = all.filter(option => option.value.toLowerCase().includes(search.trim().toLowerCase()))
  // Typing chooses the first match, so that Enter takes it.
  const { selectFirstOption } = combobox
  useEffect(() => {
    if (search) selectFirstOption()
  }, [search, selectFirstOption])
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter(other => other !== value) : [...chosen, value])

  return (
    <Combobox store={combobox} onOptionSubmit={toggle} width={280} position="bottom-start" shadow="md">
      <Combobox.Target targetType="button">
        <button
          type="button"
          className="filter"
          data-active={chosen.length > 0 || undefined}
          onClick={() => combobox.toggleDropdown()}
        >
          <span>{label}</span>
          {chosen.length > 0 && <span className="filter-chosen">{describe(chosen)}</span>}
          <ChevronDown size={13} aria-hidden="true" />
        </button>
      </Combobox.Target>
      <Combobox.Dropdown className="filter-dropdown">
        <Combobox.Search
          value={search}
          onChange={event => {
            setSearch(event.currentTarget.value)
          }}
          placeholder={`Find a ${label.toLowerCase()}`}
          aria-label={`Find a ${label.toLowerCase()}`}
        />
        <Combobox.Options className="filter-options" aria-label={label}>
          {shown.map(option => (
            <Combobox.Option key={option.value} value={option.value} active={chosen.includes(option.value)}>
              <span className="filter-check">
                {chosen.includes(option.value) && <Check size={13} aria-label="chosen" />}
              </span>
              {option.label ?? <span className="mono filter-value">{option.value}</span>}
              {option.count !== undefined && (
                <span className="filter-count number" title={option.hint}>
                  {option.count}
                </span>
              )}
            </Combobox.Option>
          ))}
          {shown.length === 0 && (
            <Combobox.Empty>
              {all.length === 0 ? 'Nothing recorded yet' : `No ${label.toLowerCase()} has this in it`}
            </Combobox.Empty>
          )}
        </Combobox.Options>
        {note && <p className="filter-note quiet">{note}</p>}
        {chosen.length > 0 && (
          <Combobox.Footer>
            <button type="button" className="link-button" onClick={() => onChange([])}>
              Show all
            </button>
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  )
}

function describe(chosen: readonly string[]): string {
  const first = (chosen[0] ?? '').replaceAll('_', ' ')
  return chosen.length === 1 ? first : `${first} +${chosen.length - 1}`
}
