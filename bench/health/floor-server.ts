/**
 * The floor of bench/health.ts: a server over node:http that has nothing to think about, as a process that does nothing else.
 * `node floor-server.ts PORT`.
 */
import { createServer } from 'node:http'

createServer({ noDelay: true }, (request, response) => {
  response.writeHead(200, { 'content-length': 0 })
  response.end()
  request.resume()
}).listen(Number(process.argv[2]), '127.0.0.1')
