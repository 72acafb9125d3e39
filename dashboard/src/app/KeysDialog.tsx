import { Modal } from '@mantine/core'

const GROUPS: [string, [string[], string][]][] = [
  [
    'Everywhere',
    [
      [['?'], 'This list'],
      [['u'], 'Times in UTC or local'],
      [['Space'], 'Pause, go on'],
    ],
  ],
  [
    'Invocations',
    [
      [['j', 'k'], 'Next, previous row'],
      [['Enter'], 'Open the chain'],
      [['/'], 'Find by key or id'],
      [['n'], 'Show the new rows'],
    ],
  ],
  [
    'Chain',
    [
      [['←', '→'], 'To the cause, to the effect'],
      [['↑', '↓'], 'To the neighbours'],
      [['e', 'E'], 'Next, previous failure'],
      [['f'], 'Fit everything into view'],
      [['l'], 'Flow or list'],
      [['Esc'], 'Close the panel'],
    ],
  ],
]

export function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keys"
      centered
      size="sm"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {GROUPS.map(([group, keys]) => (
        <section key={group}>
          <h3 className="keys-group">{group}</h3>
          <dl className="keys-list">
            {keys.map(([names, meaning]) => (
              <div key={meaning} style={{ display: 'contents' }}>
                <dt>
                  {names.map(name => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  )
}
