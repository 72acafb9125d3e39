import type { IntrospectedType } from './introspect.ts'
import { arrayOf, pgType } from './scalars.ts'
import type { PgType } from './types.ts'

export function toType(type: IntrospectedType): PgType {
  return type.element === null ? toScalar(type) : arrayOf(toScalar(type.element))
}

function toScalar(type: Omit<IntrospectedType, 'element'>): PgType {
  const made = pgType(type.schema, type.name, type.isEnum)
  // A table has an object type of that name already.
  return type.isComposite ? Object.freeze({ ...made, scalar: `${type.name}_scalar` }) : made
}
