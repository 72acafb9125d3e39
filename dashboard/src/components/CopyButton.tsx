import { Check, Copy, Link2 } from 'lucide-react'
import { type CopyOutcome, useCopy } from './use-copy.ts'

interface CopyButtonProps {
  /** A function is asked when the button is pressed. */
  text: string | (() => string)
  what: string
  /** Of a copy made elsewhere, by a key. */
  outcome?: CopyOutcome
}

export function CopyButton({ text, what, outcome: other = null }: CopyButtonProps) {
  const { copy, outcome: own } = useCopy()
  const outcome = own ?? other
  const label = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Copying is not allowed here' : `Copy ${what}`
  const Icon = what.startsWith('link') ? Link2 : Copy
  return (
    <button
      type="button"
      className="icon-button small"
      aria-label={label}
      title={label}
      onClick={() => copy(typeof text === 'function' ? text() : text)}
    >
      {outcome === 'copied' ? <Check size={13} /> : <Icon size={13} />}
    </button>
  )
}
