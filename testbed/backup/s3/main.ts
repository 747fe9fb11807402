import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { answer } from './answer.ts'
import type { Uploads } from './answer.ts'
import { s3Options } from './options.ts'

/** The process that serves objects: one that can be stopped and frozen. */

const options = s3Options.parse(JSON.parse(process.argv[2] ?? ''))
const uploads: Uploads = new Map()
const server = createServer(
  { key: readFileSync(options.keyFile), cert: readFileSync(options.certificateFile) },
  (request, response) => {
    answer(request, response, { options, uploads }).catch((error: unknown) => {
      console.error(`${request.method ?? ''} ${request.url ?? ''}: ${String(error)}`)
      response.destroy()
    })
  },
)
process.on('SIGTERM', () => process.exit(0))
server.listen(options.port, '127.0.0.1', () => console.log('listening'))
