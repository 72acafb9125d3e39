/** The answer of one root field. */
export interface Answered {
  /** Key of the namespace it is in; null: none. */
  readonly namespace: string | null
  readonly key: string
  /** JSON text. */
  readonly json: string
}

/** `{"data":{…}}` */
export const responseBody = (answers: readonly Answered[]): string => `{"data":${dataText(answers)}}`

/** `{…}`. JSON made by Postgres is never parsed, so that large numbers keep their digits. */
export function dataText(answers: readonly Answered[]): string {
  const entries: string[] = []
  for (let index = 0; index < answers.length; index++) {
    const { namespace, key, json } = answers[index] as Answered
    const entry = `${JSON.stringify(key)}:${json}`
    // Fields of a namespace stand together: equal keys were merged.
    const goesOn = namespace !== null && answers[index - 1]?.namespace === namespace
    if (goesOn) entries.push(`${entries.pop()},${entry}`)
    else entries.push(namespace === null ? entry : `${JSON.stringify(namespace)}:{${entry}`)
    if (namespace !== null && answers[index + 1]?.namespace !== namespace) entries.push(`${entries.pop()}}`)
  }
  return `{${entries.join(',')}}`
}
