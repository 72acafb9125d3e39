import { Search } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useKeys } from '../../components/use-keys.ts'
import { findInMap, type MapGraph } from '../../model/map/map-graph.ts'
import { formatCount } from '../../model/names.ts'

interface MapSearchBoxProps {
  /** As it stands in the address. */
  value: string
  graph: MapGraph | null
  onChange: (text: string) => void
  onFound: (id: string) => void
}

/** How long nobody has to type before the address says it. */
const TYPING_MS = 300

/** Lights what has a part of a name; Enter goes to the first. */
export function MapSearchBox({ value, graph, onChange, onFound }: MapSearchBoxProps) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const latest = useRef(onChange)
  latest.current = onChange
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text.trim() === value) return
    const timer = setTimeout(() => latest.current(text.trim()), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, value])
  useKeys({ '/': () => input.current?.focus() })
  const matches = useMemo(() => (graph && text.trim() ? [...findInMap(graph, text)] : null), [graph, text])
  return (
    <form
      className="find-box"
      onSubmit={event => {
        event.preventDefault()
        input.current?.blur()
        if (matches?.[0]) onFound(matches[0])
      }}
    >
      <Search size={14} aria-hidden="true" />
      <input
        ref={input}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        placeholder="Part of a name"
        aria-label="Find in the map"
        aria-describedby="map-matches"
        spellCheck={false}
        autoComplete="off"
      />
      <span id="map-matches" className="quiet map-matches" role="status">
        {matches && (matches.length === 1 ? '1 match' : `${formatCount(matches.length)} matches`)}
      </span>
    </form>
  )
}
