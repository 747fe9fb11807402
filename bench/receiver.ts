import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Takes every request and keeps nothing, in a process of its own: the other end of bench/spool.ts. */
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204).end())
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => process.exit())
