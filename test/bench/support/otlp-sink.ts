// A collector that takes everything and keeps nothing, in a process of its own: what it costs is not the exporter's.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((request, response) => {
  request.on('end', () => response.setHeader('content-type', 'application/x-protobuf').end())
  request.resume()
})
server.listen(0, '127.0.0.1', () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`),
)
process.on('disconnect', () => process.exit())
