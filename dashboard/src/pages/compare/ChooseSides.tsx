import { getRouteApi } from '@tanstack/react-router'
import { type FormEvent, useId, useState } from 'react'
import type { CompareSearch, Kind } from './url.ts'
import { isId } from './url.ts'

const route = getRouteApi('/compare')
const KIND_WORDS: Record<Kind, string> = { invocation: 'Invocations', chain: 'Chains', job: 'Job runs' }

/** When the address does not name two things: what can be compared, and a form for their ids. */
export function ChooseSides({ search }: { search: CompareSearch }) {
  const navigate = route.useNavigate()
  const id = useId()
  const [kind, setKind] = useState<Kind>(search.kind ?? 'invocation')
  const [left, setLeft] = useState(search.left ?? '')
  const [right, setRight] = useState(search.right ?? '')
  const [tried, setTried] = useState(false)
  const problem = (text: string) => tried && !isId(text.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!isId(left.trim()) || !isId(right.trim())) return
    void navigate({
      search: { ...(kind !== 'invocation' && { kind }), left: left.trim(), right: right.trim() },
    })
  }
  return (
    <form onSubmit={submit} className="panel compare-form">
      <p>
        Two invocations, two chains or two runs of a job, side by side. Each invocation and each job run has the action
        “Compare”, which finds the last one that went well; or name two by their ids.
      </p>
      <fieldset className="segments" aria-label="What is compared">
        {(['invocation', 'chain', 'job'] as const).map(name => (
          <button key={name} type="button" aria-pressed={kind === name} onClick={() => setKind(name)}>
            {KIND_WORDS[name]}
          </button>
        ))}
      </fieldset>
      {(
        [
          ['Left', left, setLeft],
          ['Right', right, setRight],
        ] as const
      ).map(([label, value, set]) => (
        <label key={label}>
          <span>{label}</span>
          <input
            value={value}
            onChange={event => set(event.currentTarget.value)}
            placeholder={
              kind === 'job'
                ? 'Id of a job run'
                : kind === 'chain'
                  ? 'Id of its first invocation'
                  : 'Id of an invocation'
            }
            aria-invalid={problem(value)}
            aria-describedby={problem(value) ? `${id}-${label}` : undefined}
            spellCheck={false}
            autoComplete="off"
            className="mono"
          />
          {problem(value) && (
            <span id={`${id}-${label}`} role="alert" className="failed-text">
              That is not an id: it has 32 hex digits in five groups.
            </span>
          )}
        </label>
      ))}
      <div>
        <button type="submit" className="button">
          Compare
        </button>
      </div>
    </form>
  )
}
