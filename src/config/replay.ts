import { type ConfigReader, Mistake } from '../config-reader.ts'
import { readHeaderList } from './header-list.ts'

/** Where payloads are sent again whose detector runs elsewhere. */
export interface ReplaySettings {
  /** `{trigger}` stands for the trigger's name. Null: the detector of this server, if it has one. */
  readonly webhookUrl: string | null
  readonly webhookHeaders: Readonly<Record<string, string>>
}

/** Every variable of replays, as documented in .env.example (a test compares them). */
export const REPLAY_VARIABLES = ['REPLAY_WEBHOOK_URL', 'REPLAY_WEBHOOK_HEADERS'] as const

const template = {
  read(value: unknown) {
    const allowed = new Mistake('an address like https://functions.example.com/{trigger}')
    if (typeof value !== 'string' || !URL.canParse(value)) return allowed
    const { protocol, host } = new URL(value)
    // The trigger's name comes with the payload: it must not choose whom we call.
    return ['http:', 'https:'].includes(protocol) && !/[{}]|%7b/i.test(host) ? value : allowed
  },
}

export function readReplaySettings(
  reader: ConfigReader,
  env: Readonly<Record<string, string | undefined>>,
): ReplaySettings {
  return Object.freeze({
    webhookUrl: reader.get('REPLAY_WEBHOOK_URL', env.REPLAY_WEBHOOK_URL, template, null),
    webhookHeaders: Object.freeze(readHeaderList(reader, 'REPLAY_WEBHOOK_HEADERS', env.REPLAY_WEBHOOK_HEADERS)),
  })
}
