import { errorList, GraphqlError } from '../errors.ts'
import type { Session } from '../execute/session.ts'
import { givenUp } from '../execute/timed-out.ts'

/** What an operation that was started tells, over a socket. */
export interface OperationListener {
  /** A response body as JSON text; several of them from a subscription. */
  next(body: string): void
  /** The list of errors as JSON text: the operation does not run, or cannot go on. Nothing follows. */
  error(errors: string): void
  /** The operation has ended by itself. Nothing follows. */
  complete(): void
}

/** A started operation. */
export interface RunningOperation {
  /** Nothing is told from now on. */
  stop(): void
}

export interface OperationSteps {
  /** A query or mutation, which may be given up when the signal comes; rejects with GraphqlError when it cannot be run, else with what the database said. */
  answer(signal: AbortSignal): Promise<string>
  /** A subscription: returns the function that ends it. Throws GraphqlError when it cannot be begun. */
  subscribe(listener: {
    next: (body: string) => void
    failed: (error: GraphqlError, isOver: boolean) => void
  }): () => void
  isSubscription(): boolean
  toGraphqlError(error: unknown): GraphqlError
}

/**
 * Runs one operation of any kind. As Hasura does over sockets, what is wrong with a request is an `error`, while a failed
 * execution is a result: `{"data":null,"errors":[…]}`.
 */
export function startOperation(steps: OperationSteps, session: Session, listener: OperationListener): RunningOperation {
  let isStopped = false
  let unsubscribe: (() => void) | undefined
  const stopped = new AbortController()
  const stop = (): void => {
    isStopped = true
    unsubscribe?.()
    stopped.abort(givenUp())
  }
  const failedBody = (error: GraphqlError): string => `{"data":null,"errors":${errorList(error, session.role)}}`
  const refuse = (error: unknown): void => {
    if (isStopped) return
    isStopped = true
    listener.error(errorList(steps.toGraphqlError(error), session.role))
  }

  const answer = async (): Promise<void> => {
    let body: string
    try {
      body = await steps.answer(stopped.signal)
    } catch (error) {
      if (error instanceof GraphqlError) return refuse(error)
      body = failedBody(steps.toGraphqlError(error))
    }
    if (isStopped) return
    isStopped = true
    listener.next(body)
    listener.complete()
  }

  try {
    if (steps.isSubscription()) {
      unsubscribe = steps.subscribe({
        next: body => {
          if (!isStopped) listener.next(body)
        },
        failed: (error, isOver) => {
          if (isStopped) return
          if (isOver) refuse(error)
          else listener.next(failedBody(error))
        },
      })
    } else void answer()
  } catch (error) {
    refuse(error)
  }
  return { stop }
}
