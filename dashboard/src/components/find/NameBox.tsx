import { useRef } from 'react'
import { SearchField } from './SearchField.tsx'
import { useTyped } from './use-typed.ts'

/** Narrows what a page lists by a part of the name, while one types; the address is told when typing rests. */
export function NameBox({
  label,
  value,
  onChange,
}: {
  label: string
  /** As it stands in the address. */
  value: string
  onChange: (text: string) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useTyped(value, onChange)
  return (
    <SearchField
      inputRef={input}
      label={label}
      placeholder="Search: part of a name"
      text={text}
      onText={setText}
      onClear={() => setText('')}
    />
  )
}
