import { isGraphqlName } from './names.ts'

export interface UniqueNames {
  /** What is wrong with the names; null when they are now taken. */
  claim(names: readonly string[]): string | null
}

/** Names of types and root fields, each of which GraphQL must be able to write and may have only once. */
export function uniqueNames(): UniqueNames {
  const taken = new Set<string>()
  return {
    claim(names: readonly string[]): string | null {
      const wrong = names.find(name => !isGraphqlName(name))
      if (wrong !== undefined) return `${JSON.stringify(wrong)} is not a GraphQL name; give it a custom_name`
      // A table's type and its root field have one name.
      const again = [...new Set(names)].find(name => taken.has(name))
      if (again !== undefined) return `something else is named ${again} already; give it a custom_name`
      for (const name of names) taken.add(name)
      return null
    },
  }
}
