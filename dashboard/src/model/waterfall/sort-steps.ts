import { ROWS_PER_STEP, type Steps } from '../slices.ts'

/** Sorted one by one before they are merged. */
const RUN = 32

/**
 * Numbers in the order of a comparison, in steps. What is nearly sorted, like rows in the order of their ids, costs hardly more
 * than looking at it: stretches that are in order already are taken over as they are.
 */
export function* sortSteps(numbers: Int32Array, compare: (a: number, b: number) => number): Steps<Int32Array> {
  let from = numbers.slice()
  const { length } = from
  for (let start = 0; start < length; start += RUN) {
    if (start % ROWS_PER_STEP === 0) yield
    insertionSort(from, start, Math.min(start + RUN, length), compare)
  }
  let into = new Int32Array(length)
  for (let width = RUN; width < length; width *= 2) {
    let sinceYield = 0
    for (let start = 0; start < length; start += 2 * width) {
      const middle = Math.min(start + width, length)
      const end = Math.min(start + 2 * width, length)
      if (middle === end || compare(from[middle - 1] as number, from[middle] as number) <= 0) {
        into.set(from.subarray(start, end), start)
        continue
      }
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        if (++sinceYield % ROWS_PER_STEP === 0) yield
        const takesLeft = left < middle && (right >= end || compare(from[left] as number, from[right] as number) <= 0)
        into[at] = from[takesLeft ? left++ : right++] as number
      }
    }
    ;[from, into] = [into, from]
  }
  return from
}

function insertionSort(
  numbers: Int32Array,
  start: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  for (let at = start + 1; at < end; at++) {
    const number = numbers[at] as number
    let to = at
    while (to > start && compare(numbers[to - 1] as number, number) > 0) {
      numbers[to] = numbers[to - 1] as number
      to -= 1
    }
    numbers[to] = number
  }
}
