import { quoteIdent } from '../../db/identifiers.ts'
import type { PgType } from '../catalog/types.ts'
import { invalid } from '../errors.ts'
import type { Value } from '../plan/nodes.ts'

// The protocol counts them with 16 bits.
const MAX_PARAMETERS = 65_535

/** The parameters of one statement, in order; written as `$n` unless `render` says otherwise. */
export class Parameters {
  readonly values: Value[] = []
  readonly #numbers = new Map<Value, number>()
  readonly #render: (number: number, type: PgType) => string

  constructor(render = (number: number, type: PgType): string => `$${number}::${sqlType(type)}`) {
    this.#render = render
  }

  /** `$1::"uuid"`: the cast tells Postgres the type, whatever stands on the other side. */
  add(value: Value): string {
    let number = this.#numbers.get(value)
    if (number === undefined) {
      this.values.push(value)
      number = this.values.length
      if (number > MAX_PARAMETERS) invalid(`the query has more than ${MAX_PARAMETERS} values, which is the limit`)
      this.#numbers.set(value, number)
    }
    return this.#render(number, value.type)
  }
}

export function sqlType(type: PgType): string {
  if (type.element !== null) return `${sqlType(type.element)}[]`
  const name = quoteIdent(type.name)
  return type.schema === 'pg_catalog' ? name : `${quoteIdent(type.schema)}.${name}`
}
