/** A function that makes one result per argument: types refer to each other and must exist once. */
export function once<A extends object, R>(make: (argument: A) => R): (argument: A) => R {
  const made = new Map<A, R>()
  return argument => {
    const known = made.get(argument)
    if (known !== undefined) return known
    const result = make(argument)
    made.set(argument, result)
    return result
  }
}
