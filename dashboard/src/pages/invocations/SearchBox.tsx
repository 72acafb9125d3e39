import { FieldHelp, FindBox } from '../../components/find/FindBox.tsx'
import { parseSearchQuery, SEARCH_FIELDS } from '../../model/search-query.ts'

interface SearchBoxProps {
  /** As it stands in the address. */
  value: string
  onSubmit: (text: string) => void
}

export function SearchBox(props: SearchBoxProps) {
  return (
    <FindBox
      {...props}
      label="Search invocations"
      placeholder="Search: id, key, status:failed, >200ms"
      problemsOf={text => parseSearchQuery(text).problems}
      help={
        <>
          <p>
            A word is looked for in keys, ids, names and errors. <code>-</code> turns a part around, <code>,</code>{' '}
            means or, <code>*</code> anything, <code>"…"</code> holds spaces.
          </p>
          <FieldHelp fields={Object.values(SEARCH_FIELDS).map(({ help }) => help)} />
        </>
      }
    />
  )
}
