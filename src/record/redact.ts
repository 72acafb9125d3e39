export const REDACTED = '[Redacted]'

/** The captured values that a path may begin with. */
export const REDACTION_ROOTS = ['payload', 'context', 'options', 'result'] as const
export type RedactionRoot = (typeof REDACTION_ROOTS)[number]

export interface RedactionOptions {
  /** More names of secrets, besides the built-in ones; letter case and separators do not matter. */
  keys: readonly string[]
  /** Places of secrets, such as `payload.event.data.new.iban` or `result.items.*.code`. */
  paths: readonly string[]
}

/** One step of the paths to redact: what may follow, and whether a path ends here. */
export interface PathStep {
  next: Map<string, PathStep>
  ends: boolean
}

export interface KnownKey {
  /** The key as JSON text, with the colon. */
  json: string
  /** How long that is in UTF-8. */
  bytes: number
  secret: boolean
}

// Tested against the key in lower case without separators. Tracking tokens are ours and no secret.
const SECRET_KEY =
  /passw(?:or)?d|passphrase|secret(?!ar)|authorization|apikey|accesskey|privatekey|credential|(?:(?<!tracking)token|cookies?|pwd|cvv2?|cvc2?|cardnumber|creditcard|ccnumber)$/
const SECRET_NAMES =
  'passw(?:or)?d|passphrase|pwd|secret|(?<!tracking[-_ ]?)token|authorization|(?:api|access|private)[-_ ]?key|cookie|credentials?|cvv2?|cvc2?'
// Every quantifier that could meet itself is bounded: this runs over whatever an application prints.
const VALUE = `"[^"\\n]{0,4096}"|'[^'\\n]{0,4096}'|(?:Bearer|Basic) {1,4}[^\\s,;'"]+|[^\\s,;&}\\])'"]+`
const BEARER = /\b(Bearer|Basic) {1,4}[A-Za-z0-9._~+/=-]{16,}/gi
const URL_PASSWORD = /(:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,256}@/g
const CARD = /(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w.-]*\w)/g

const MAX_KNOWN_KEYS = 5_000
const MAX_KNOWN_KEY_LENGTH = 200

/** Knows what must not leave the process: values by the name of their key, by their place, and what looks like a card. */
export class Redactor {
  readonly #keys: ReadonlySet<string>
  readonly #paths = new Map<string, PathStep>()
  readonly #named: RegExp
  readonly #known = new Map<string, KnownKey>()

  constructor(options: RedactionOptions = { keys: [], paths: [] }) {
    this.#keys = new Set(options.keys.map(normalKey))
    const own = options.keys.map(key => key.replaceAll(/[^\p{L}\p{N}]+/gu, '[-_ ]?')).filter(name => name !== '')
    this.#named = new RegExp(`((?:${[SECRET_NAMES, ...own].join('|')})["']?\\s{0,4}[:=]\\s{0,4})(?:${VALUE})`, 'giu')
    for (const path of options.paths) {
      const [root = '', ...steps] = path.split('.')
      let step = stepAt(this.#paths, root)
      for (const name of steps) step = stepAt(step.next, name)
      step.ends = true
    }
  }

  /** Where the paths of a captured value begin; null when there are none. */
  pathsOf(root: RedactionRoot): readonly PathStep[] | null {
    const step = this.#paths.get(root)
    return step ? [step] : null
  }

  /** A key of an object, which comes again and again. `toJson` is asked once for each. */
  key(name: string, toJson: (name: string) => string): KnownKey {
    const known = this.#known.get(name)
    if (known) return known
    const json = toJson(name)
    const key = { json, bytes: Buffer.byteLength(json), secret: this.#isSecret(name) }
    if (name.length > MAX_KNOWN_KEY_LENGTH) return key
    // Keys that are data (ids, dates) would otherwise stay for ever.
    if (this.#known.size >= MAX_KNOWN_KEYS) this.#known.clear()
    this.#known.set(name, key)
    return key
  }

  /** A text value: what looks like a card number or a password in an address is taken out. */
  value(text: string): string {
    if (text.length < 8) return text
    let result = text
    if (result.includes('://')) result = result.replace(URL_PASSWORD, `$1${REDACTED}@`)
    if (result.length >= 13) result = result.replace(CARD, digits => (isCard(digits) ? REDACTED : digits))
    return result
  }

  number(value: number | bigint): boolean {
    return value >= 1e12 && /^[2-6]\d{12,18}$/.test(String(value)) && isCard(String(value))
  }

  /** Free text, such as a line of output or an error's message: values that are named as secrets are taken out, too. */
  text(text: string): string {
    return this.value(text).replace(BEARER, `$1 ${REDACTED}`).replace(this.#named, `$1${REDACTED}`)
  }

  /** Whether the text at a place of a captured value would not be shown as it is: for what else is made of it. */
  hides(root: RedactionRoot, path: readonly string[], text: string): boolean {
    let steps = this.pathsOf(root)
    for (const name of path) {
      steps &&= stepInto(steps, name)
      if (steps?.some(step => step.ends) || (this.#known.get(name)?.secret ?? this.#isSecret(name))) return true
    }
    return this.value(text) !== text
  }

  #isSecret(name: string): boolean {
    const normal = normalKey(name)
    return SECRET_KEY.test(normal) || this.#keys.has(normal)
  }
}

/** The steps that a key leads to. */
export function stepInto(steps: readonly PathStep[], key: string): PathStep[] | null {
  let found: PathStep[] | null = null
  for (const { next } of steps) {
    for (const step of [next.get(key), next.get('*')]) {
      if (!step) continue
      found ??= []
      found.push(step)
    }
  }
  return found
}

function stepAt(steps: Map<string, PathStep>, name: string): PathStep {
  let step = steps.get(name)
  if (!step) {
    step = { next: new Map(), ends: false }
    steps.set(name, step)
  }
  return step
}

function normalKey(key: string): string {
  return key.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

// The check digit that every payment card has (Luhn): without it, every long number would be taken for one.
function isCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '')
  if (digits.length < 13 || digits.length > 19) return false
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const weighted = i % 2 === 0 ? digit : digit * 2
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}
