import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ObservabilityError } from '../../errors.ts'
import type { HasuraMetadata, MetadataEventTrigger } from '../metadata.ts'

/** Where and how the changes of one event trigger are delivered. */
export interface DeliveryTarget {
  url: URL
  headers: Readonly<Record<string, string>>
  maxRetries: number
  retryIntervalSeconds: number
  timeoutSeconds: number
}

export interface TargetOptions {
  metadata: HasuraMetadata
  sourceName: string
  /** For `webhook_from_env`, `value_from_env` and `{{NAME}}` in a webhook. */
  environment: Readonly<Record<string, string | undefined>>
  /** A webhook that takes the place of the metadata's; undefined leaves the metadata's. */
  resolveWebhook?: ((trigger: MetadataEventTrigger) => string | undefined) | undefined
}

// Hasura's own defaults.
const DEFAULT_RETRIES = 0
const DEFAULT_INTERVAL_SECONDS = 10
const DEFAULT_TIMEOUT_SECONDS = 60

/** The targets of a source's event triggers by name. Throws METADATA_INVALID with every mistake at once. */
export function deliveryTargets(options: TargetOptions): Map<string, DeliveryTarget> {
  const mistakes: string[] = []
  const targets = new Map<string, DeliveryTarget>()
  const source = options.metadata.sources.find(({ name }) => name === options.sourceName)
  if (!source) throw new ObservabilityError('METADATA_INVALID', `the metadata has no source ${options.sourceName}`)
  for (const trigger of source.tables.flatMap(table => table.event_triggers ?? [])) {
    const fail = (message: string): void => void mistakes.push(`event trigger ${trigger.name}: ${message}`)
    if (targets.has(trigger.name)) fail('the name is used twice; an event trigger needs a name of its own')
    const url = webhookUrl(trigger, options, fail)
    const headers = headersOf(trigger, options, fail)
    const retry = trigger.retry_conf
    if (!url) continue
    targets.set(trigger.name, {
      url,
      headers,
      maxRetries: retry?.num_retries ?? DEFAULT_RETRIES,
      retryIntervalSeconds: retry?.interval_sec ?? DEFAULT_INTERVAL_SECONDS,
      timeoutSeconds: retry?.timeout_sec ?? DEFAULT_TIMEOUT_SECONDS,
    })
  }
  if (mistakes.length > 0) throw new ObservabilityError('METADATA_INVALID', mistakes.join('\n'))
  return targets
}

function webhookUrl(
  trigger: MetadataEventTrigger,
  { environment, resolveWebhook }: TargetOptions,
  fail: (message: string) => void,
): URL | null {
  const text = resolveWebhook?.(trigger) ?? configuredWebhook()
  if (text === undefined) return null
  // The text itself stays out of messages: a webhook may carry a secret.
  if (!URL.canParse(text)) {
    fail('its webhook is not a URL')
    return null
  }
  const url = new URL(text)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  fail(`its webhook is a ${url.protocol} URL; only http: and https: can be delivered to`)
  return null

  function configuredWebhook(): string | undefined {
    if (trigger.webhook_from_env !== undefined) return variable(trigger.webhook_from_env)
    if (trigger.webhook === undefined) fail('it has neither webhook nor webhook_from_env')
    return trigger.webhook?.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => variable(name) ?? '')
  }

  function variable(name: string): string | undefined {
    const value = environment[name]
    if (!value) fail(`its webhook comes from the variable ${name}, which is not set`)
    return value || undefined
  }
}

function headersOf(
  trigger: MetadataEventTrigger,
  { environment }: TargetOptions,
  fail: (message: string) => void,
): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const header of trigger.headers ?? []) {
    const value = header.value_from_env === undefined ? header.value : environment[header.value_from_env]
    if (value === undefined) {
      const from = header.value_from_env
      fail(
        from
          ? `its header ${header.name} comes from the variable ${from}, which is not set`
          : `its header ${header.name} has no value`,
      )
      continue
    }
    try {
      validateHeaderName(header.name)
      validateHeaderValue(header.name, value)
      headers[header.name.toLowerCase()] = value
    } catch {
      fail(`its header ${JSON.stringify(header.name)} has a name or value that HTTP does not allow`)
    }
  }
  return headers
}
