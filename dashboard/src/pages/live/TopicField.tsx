import { X } from 'lucide-react'
import { useState } from 'react'

const SUGGESTED = ['*', 'log', 'trace', 'cdc', 'metric', 'track', 'page', 'vital']

interface TopicFieldProps {
  topics: readonly string[]
  onChange: (topics: string[]) => void
}

/** The topics that are heard: chips that go away, names that can be typed or chosen. */
export function TopicField({ topics, onChange }: TopicFieldProps) {
  const [text, setText] = useState('')
  const add = (topic: string) => {
    setText('')
    if (topic === '') return
    // Everything includes what else there is.
    onChange(topic === '*' ? ['*'] : [...new Set([...topics.filter(other => other !== '*'), topic])])
  }
  const remove = (topic: string) => {
    const rest = topics.filter(other => other !== topic)
    onChange(rest.length === 0 ? ['*'] : rest)
  }
  return (
    <form
      className="topics"
      onSubmit={event => {
        event.preventDefault()
        add(text.trim())
      }}
    >
      <ul aria-label="Topics">
        {topics.map(topic => (
          <li key={topic} className="topic">
            <span className="mono">{topic}</span>
            {topic !== '*' && (
              <button type="button" aria-label={`Stop hearing ${topic}`} onClick={() => remove(topic)}>
                <X size={12} aria-hidden="true" />
              </button>
            )}
          </li>
        ))}
      </ul>
      <input
        list="live-topics"
        value={text}
        aria-label="Add a topic"
        placeholder="log, orders.** …"
        spellCheck={false}
        onChange={event => setText(event.currentTarget.value)}
      />
      <datalist id="live-topics">
        {SUGGESTED.map(topic => (
          <option key={topic} value={topic} />
        ))}
      </datalist>
    </form>
  )
}
