import { Modal } from '@mantine/core'
import { useState } from 'react'
import type { PayloadGap } from '../../../../../src/payload-gaps.ts'
import type { Config } from '../../../api/config.ts'
import { count } from '../../../model/names.ts'

interface ConfirmReplayProps {
  opened: boolean
  target: NonNullable<Config['replay']>
  gaps: readonly PayloadGap[]
  isEdited: boolean
  /** How many modules said yes to this payload in a dry run; null: none was made. */
  detected: number | null
  onCancel: () => void
  onConfirm: (acceptIncomplete: boolean) => void
}

/** Says what a real run does before it does it. Outside of this server the word has to be typed. */
export function ConfirmReplay({ opened, onCancel, ...rest }: ConfirmReplayProps) {
  return (
    <Modal
      opened={opened}
      onClose={onCancel}
      title="Run handlers and jobs again?"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Question onCancel={onCancel} {...rest} />
    </Modal>
  )
}

function Question({ target, gaps, isEdited, detected, onCancel, onConfirm }: Omit<ConfirmReplayProps, 'opened'>) {
  const [accepted, setAccepted] = useState(false)
  const [typed, setTyped] = useState('')
  const mustType = target.target === 'webhook'
  const isReady = (gaps.length === 0 || accepted) && (!mustType || typed.trim().toLowerCase() === 'replay')
  return (
    <form
      className="replay-confirm"
      onSubmit={event => {
        event.preventDefault()
        if (isReady) onConfirm(accepted)
      }}
    >
      <p>
        The {isEdited ? 'edited' : 'stored'} payload goes to <strong>{target.name}</strong>. What its jobs write, send
        and charge happens again.
      </p>
      <p className="quiet">
        {detected === null
          ? 'How many modules detect their event is not known: no dry run was made of this payload.'
          : `By the dry run, ${count(detected, 'module')} will detect their event.`}{' '}
        The new invocation has a chain of its own and says which one it repeats.
      </p>
      {gaps.length > 0 && (
        <label className="replay-check">
          <input type="checkbox" checked={accepted} onChange={event => setAccepted(event.target.checked)} />
          Send it although {count(gaps.length, 'part')} {gaps.length === 1 ? 'is' : 'are'} missing
        </label>
      )}
      {mustType && (
        <label className="replay-type">
          Type <strong>replay</strong> to go on
          <input value={typed} onChange={event => setTyped(event.target.value)} autoComplete="off" data-autofocus />
        </label>
      )}
      <div className="replay-actions">
        <button type="submit" className="button replay-danger" disabled={!isReady}>
          Run for real
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}
