// A secret that begins before the place of a cut is seen whole, if it is not longer than this.
const LONGEST_SECRET = 4_096

/** Most characters of one text. */
export const MAX_TEXT_LENGTH = 64 * 1_024

/**
 * Text that Postgres accepts: without NUL characters and lone surrogates, at most `maxLength` characters of it; a cut is
 * marked with the original length. `redact` takes secrets out.
 */
export function cleanText(
  text: string,
  maxLength: number = MAX_TEXT_LENGTH,
  redact: (text: string) => string = itself,
): string {
  const seen = toBeSearched(text, maxLength)
  return cutText(redact(seen), maxLength, text.length, seen !== text)
}

/** What of a text is searched for secrets: that takes time for each character. */
export function toBeSearched(text: string, maxLength: number = MAX_TEXT_LENGTH): string {
  return text.length > maxLength + LONGEST_SECRET ? text.slice(0, maxLength + LONGEST_SECRET) : text
}

/** The same as cleanText, of what was searched; `isCut` when that was not all of it. */
export function cutText(text: string, maxLength: number, originalLength: number, isCut: boolean): string {
  const shown =
    isCut || text.length > maxLength ? `${text.slice(0, maxLength)}… [cut: ${originalLength} characters]` : text
  const wellFormed = shown.isWellFormed() ? shown : shown.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed
}

function itself(text: string): string {
  return text
}
