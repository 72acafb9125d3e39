import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(null), 1600)
    return () => clearTimeout(timer)
  }, [outcome])
  const label = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Copying is not allowed here' : `Copy ${what}`
  return (
    <button
      type="button"
      className="icon-button small"
      aria-label={label}
      title={label}
      onClick={() => {
        writeClipboard(text).then(
          () => setOutcome('copied'),
          () => setOutcome('failed'),
        )
      }}
    >
      {outcome === 'copied' ? <Check size={13} /> : <Copy size={13} />}
    </button>
  )
}

async function writeClipboard(text: string): Promise<void> {
  // Absent on plain http, except on localhost.
  if (!navigator.clipboard) throw new Error('no clipboard')
  await navigator.clipboard.writeText(text)
}
