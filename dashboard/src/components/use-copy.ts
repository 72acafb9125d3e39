import { useEffect, useState } from 'react'

export type CopyOutcome = 'copied' | 'failed' | null

/** Puts text on the clipboard and says for a moment whether that worked. */
export function useCopy(): { copy: (text: string) => void; outcome: CopyOutcome } {
  const [outcome, setOutcome] = useState<CopyOutcome>(null)
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(null), 1600)
    return () => clearTimeout(timer)
  }, [outcome])
  return {
    copy: text => {
      writeClipboard(text).then(
        () => setOutcome('copied'),
        () => setOutcome('failed'),
      )
    },
    outcome,
  }
}

async function writeClipboard(text: string): Promise<void> {
  // Absent on plain http, except on localhost.
  if (!navigator.clipboard) throw new Error('no clipboard')
  await navigator.clipboard.writeText(text)
}
