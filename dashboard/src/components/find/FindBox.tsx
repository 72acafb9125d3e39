import { Search, X } from 'lucide-react'
import { type ReactNode, type RefObject, useEffect, useId, useState } from 'react'
import { hasUnknownUser, hideUsers, revealUsers } from '../../model/hidden-users.ts'
import type { SearchProblem } from '../../model/search-query.ts'
import { knownUsers } from './known-users.ts'
import './find.css'

interface FindBoxProps {
  /** For assistive technology: what is searched. */
  label: string
  placeholder: string
  inputRef: RefObject<HTMLInputElement | null>
  /** As it stands in the address. */
  value: string
  onSubmit: (text: string) => void
  problemsOf: (text: string) => readonly SearchProblem[]
  /** What can be asked, shown while one types. */
  help: ReactNode
}

/**
 * Words and `field:value`. What cannot be read is said, and underlined where it stands. Users' addresses stay out of the
 * address of the page.
 */
export function FindBox({ label, placeholder, inputRef, value, onSubmit, problemsOf, help }: FindBoxProps) {
  const [text, setText] = useState(() => revealUsers(value, knownUsers))
  const [focused, setFocused] = useState(false)
  const id = useId()
  useEffect(() => setText(revealUsers(value, knownUsers)), [value])
  const problems = problemsOf(text)
  const unknownUser = hasUnknownUser(value, knownUsers)
  // While a part is still being typed it is not wrong yet.
  const [problem] = focused ? problems.filter(({ to }) => to < text.length) : problems
  return (
    <form
      className="find"
      onSubmit={event => {
        event.preventDefault()
        onSubmit(hideUsers(text.trim(), knownUsers))
        if (problems.length === 0) inputRef.current?.blur()
      }}
    >
      <Search size={14} aria-hidden="true" />
      <input
        ref={inputRef}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={event => {
          if (event.key !== 'Escape') return
          setText(revealUsers(value, knownUsers))
          event.currentTarget.blur()
        }}
        placeholder={placeholder}
        aria-label={label}
        aria-invalid={problem !== undefined}
        aria-describedby={problem || focused ? `${id}-help` : undefined}
        spellCheck={false}
        autoComplete="off"
      />
      {text ? (
        <button type="button" className="icon-button small" aria-label="Clear the search" onClick={() => onSubmit('')}>
          <X size={13} />
        </button>
      ) : (
        <span className="find-hint" aria-hidden="true">
          /
        </span>
      )}
      {(problem || unknownUser || focused) && (
        <div className="find-help" id={`${id}-help`} role={problem ? 'alert' : undefined} data-testid="search-help">
          {problem && (
            <>
              <p className="find-marked mono">
                {text.slice(0, problem.from)}
                <mark>{text.slice(problem.from, problem.to)}</mark>
                {text.slice(problem.to)}
              </p>
              <p className="find-problem">{problem.message}. This part is left out.</p>
            </>
          )}
          {!problem && unknownUser && (
            <p className="find-problem">
              This link searches for a user whose address is not in it, on purpose. Type user: and the address.
            </p>
          )}
          {!problem && !unknownUser && help}
        </div>
      )}
    </form>
  )
}
