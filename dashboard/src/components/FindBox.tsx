import { Search } from 'lucide-react'
import { useRef } from 'react'
import { useKeys } from './use-keys.ts'
import { useLate } from './waterfall/use-late.ts'
import './list-page.css'

/** Narrows what a page lists while one types; the address is told when typing rests. `/` goes there. */
export function FindBox({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string
  placeholder: string
  /** As it stands in the address. */
  value: string
  onChange: (text: string) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useLate(value, onChange, 300)
  useKeys({ '/': () => input.current?.focus() })
  return (
    <div className="find-box">
      <Search size={14} aria-hidden="true" />
      <input
        ref={input}
        type="search"
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
        placeholder={placeholder}
        aria-label={label}
        spellCheck={false}
        autoComplete="off"
      />
    </div>
  )
}
