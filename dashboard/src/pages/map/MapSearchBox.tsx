import { useMemo, useRef } from 'react'
import { SearchField } from '../../components/find/SearchField.tsx'
import { useTyped } from '../../components/find/use-typed.ts'
import { findInMap, type MapGraph } from '../../model/map/map-graph.ts'
import { formatCount } from '../../model/names.ts'

interface MapSearchBoxProps {
  /** As it stands in the address. */
  value: string
  graph: MapGraph | null
  onChange: (text: string) => void
  onFound: (id: string) => void
}

/** Lights what has a part of a name; Enter goes to the first. */
export function MapSearchBox({ value, graph, onChange, onFound }: MapSearchBoxProps) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useTyped(value, onChange)
  const matches = useMemo(() => (graph && text.trim() ? [...findInMap(graph, text)] : null), [graph, text])
  return (
    <form
      className="map-find"
      onSubmit={event => {
        event.preventDefault()
        input.current?.blur()
        if (matches?.[0]) onFound(matches[0])
      }}
    >
      <SearchField
        inputRef={input}
        label="Search the map"
        placeholder="Search: part of a name"
        text={text}
        onText={setText}
        onClear={() => setText('')}
        describedBy="map-matches"
      />
      <span id="map-matches" className="quiet map-matches" role="status">
        {matches && (matches.length === 1 ? '1 match' : `${formatCount(matches.length)} matches`)}
      </span>
    </form>
  )
}
