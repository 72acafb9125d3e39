import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { messageOf, ObservabilityError } from '../errors.ts'

/** Where a server listens. */
export interface ListenOptions {
  /** 0 takes any free port. */
  port: number
  host: string
}

/** Throws PORT_TAKEN before anything is started; listening itself asks again. */
export async function refuseTakenPort({ port, host }: ListenOptions): Promise<void> {
  if (port === 0) return
  await new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', error => reject(explainListenError(error, port)))
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}

/** Opens the server's port and returns it. Throws PORT_TAKEN with what to do. */
export async function listen(app: FastifyInstance, { port, host }: ListenOptions): Promise<number> {
  try {
    await app.listen({ port, host })
  } catch (error) {
    throw explainListenError(error, port)
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function explainListenError(error: unknown, port: number): unknown {
  const { code } = error as { code?: unknown }
  if (code === 'EADDRINUSE') {
    return new ObservabilityError(
      'PORT_TAKEN',
      `port ${port} is taken by another program: stop it, or choose another, for example ${port + 1}, with PORT (or --port)`,
      { cause: error },
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new ObservabilityError(
      'PORT_TAKEN',
      `cannot listen on port ${port}: ${messageOf(error)}; set PORT and HOST (or --port and --host)`,
      { cause: error },
    )
  }
  return error
}

export function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
