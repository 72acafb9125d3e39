import type { IntrospectedType } from './introspect.ts'
import { arrayOf, pgType } from './scalars.ts'
import type { PgType } from './types.ts'

export function toType(type: IntrospectedType): PgType {
  if (type.element === null) return pgType(type.schema, type.name, type.isEnum)
  return arrayOf(pgType(type.element.schema, type.element.name, type.element.isEnum))
}
