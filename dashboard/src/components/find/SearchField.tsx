import { Search, X } from 'lucide-react'
import type { RefObject } from 'react'
import { useKeys } from '../use-keys.ts'
import './find.css'

interface SearchFieldProps {
  inputRef: RefObject<HTMLInputElement | null>
  /** For assistive technology: what is searched. */
  label: string
  placeholder: string
  text: string
  onText: (text: string) => void
  onClear: () => void
  /** On Escape, before the field is left. */
  onEscape?: () => void
  onFocus?: () => void
  onBlur?: () => void
  invalid?: boolean
  /** The id of what explains it. */
  describedBy?: string | undefined
}

/** The field to search in, of every page: `/` goes there, Escape leaves it, and it can be emptied. */
export function SearchField(props: SearchFieldProps) {
  const { inputRef, label, placeholder, text, onText, onClear, onEscape, onFocus, onBlur, invalid, describedBy } = props
  useKeys({
    '/': () => {
      inputRef.current?.focus()
      inputRef.current?.select()
    },
  })
  return (
    <div className="find-field">
      <Search size={14} aria-hidden="true" />
      <input
        ref={inputRef}
        type="search"
        value={text}
        onChange={event => onText(event.currentTarget.value)}
        onFocus={onFocus}
        onBlur={onBlur}
        onKeyDown={event => {
          if (event.key !== 'Escape') return
          // The browser would empty it.
          event.preventDefault()
          onEscape?.()
          event.currentTarget.blur()
        }}
        placeholder={placeholder}
        aria-label={label}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        spellCheck={false}
        autoComplete="off"
      />
      {text ? (
        <button
          type="button"
          className="icon-button small"
          aria-label="Clear the search"
          title="Clear the search"
          onClick={() => {
            onClear()
            inputRef.current?.focus()
          }}
        >
          <X size={13} />
        </button>
      ) : (
        <span className="find-hint" aria-hidden="true">
          /
        </span>
      )}
    </div>
  )
}
