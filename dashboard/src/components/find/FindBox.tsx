import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { hasUnknownUser, hideUsers, revealUsers } from '../../model/hidden-users.ts'
import type { SearchProblem } from '../../model/search-query.ts'
import { knownUsers } from './known-users.ts'
import { SearchField } from './SearchField.tsx'

interface FindBoxProps {
  /** For assistive technology: what is searched. */
  label: string
  placeholder: string
  /** As it stands in the address. */
  value: string
  onSubmit: (text: string) => void
  problemsOf: (text: string) => readonly SearchProblem[]
  /** Nothing is searched for while a part is wrong. @default false: that part is left out */
  strict?: boolean
  /** What can be asked, shown while one types. */
  help: ReactNode
}

/**
 * Words and `field:value`, searched for on Enter. What cannot be read is said, and underlined where it stands. Users'
 * addresses stay out of the address of the page.
 */
export function FindBox(props: FindBoxProps) {
  const { label, placeholder, value, onSubmit, problemsOf, strict = false, help } = props
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(() => revealUsers(value, knownUsers))
  const [focused, setFocused] = useState(false)
  const [tried, setTried] = useState(false)
  const id = useId()
  useEffect(() => setText(revealUsers(value, knownUsers)), [value])
  const problems = problemsOf(text)
  const unknownUser = hasUnknownUser(value, knownUsers)
  // While a part is still being typed it is not wrong yet.
  const [problem] = focused && !tried ? problems.filter(({ to }) => to < text.length) : problems
  return (
    <form
      className="find"
      onSubmit={event => {
        event.preventDefault()
        setTried(true)
        if (strict && problems.length > 0) return
        onSubmit(hideUsers(text.trim(), knownUsers))
        if (problems.length === 0) input.current?.blur()
      }}
    >
      <SearchField
        inputRef={input}
        label={label}
        placeholder={placeholder}
        text={text}
        onText={next => {
          setText(next)
          setTried(false)
        }}
        onClear={() => {
          setText('')
          onSubmit('')
        }}
        onEscape={() => setText(revealUsers(value, knownUsers))}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        invalid={problem !== undefined}
        describedBy={problem || focused ? `${id}-help` : undefined}
      />
      {(problem || unknownUser || focused) && (
        <div className="find-help" id={`${id}-help`} role={problem ? 'alert' : undefined} data-testid="search-help">
          {problem && (
            <>
              <p className="find-marked mono">
                {text.slice(0, problem.from)}
                <mark>{text.slice(problem.from, problem.to)}</mark>
                {text.slice(problem.to)}
              </p>
              <p className="find-problem">
                {problem.message}. {strict ? 'Nothing is searched for.' : 'This part is left out.'}
              </p>
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

/** The fields that a search knows, each with an example. */
export function FieldHelp({ fields }: { fields: readonly string[] }) {
  return (
    <p className="find-fields mono">
      {fields.map(help => (
        <span key={help}>{help}</span>
      ))}
    </p>
  )
}
