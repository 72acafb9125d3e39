/** One item of a request that cannot become an event; the others of the request can. */
export class ItemError extends Error {
  readonly code: ItemErrorCode

  constructor(message: string, code: ItemErrorCode = 'EVENT_INVALID') {
    super(message)
    this.name = 'ItemError'
    this.code = code
  }
}

export type ItemErrorCode = 'EVENT_INVALID' | 'EVENT_TOO_LARGE' | 'NAMESPACE_FORBIDDEN'
