import { Modal } from '@mantine/core'
import { KEY_GROUPS } from './keys.ts'

export function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keys"
      centered
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="keys-groups">
        {KEY_GROUPS.map(([group, keys]) => (
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
      </div>
    </Modal>
  )
}
