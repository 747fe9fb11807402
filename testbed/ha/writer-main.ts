import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { writerOptions } from './writer-options.ts'
import type { WriterOptions } from './writer-options.ts'

/** The process that commits rows without a break, so that a busy event loop of the test does not count as an outage. */

const options = writerOptions.parse(JSON.parse(process.argv[2] ?? ''))
const journal = openSync(options.journal, 'a')
const note = (line: string): void => void writeSync(journal, `${line}\n`)
let nextId = 1

async function connect({ host, port, user, password, connectTimeoutMs }: WriterOptions): Promise<pg.Client> {
  const client = new pg.Client({
    ...{ host, port, user, password, database: 'postgres', application_name: 'writer' },
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: options.commitTimeoutMs,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    abandon(client)
    throw error
  }
}

/** Without a farewell: the other side may not answer any more. */
function abandon(client: pg.Client | undefined): void {
  if (client === undefined) return
  ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
}

async function write(): Promise<never> {
  let client: pg.Client | undefined
  const warnings: string[] = []
  for (;;) {
    try {
      if (client === undefined) {
        client = await connect(options)
        // "The transaction has already committed locally, but might not have been replicated to the standby."
        client.on('notice', ({ message }) => warnings.push(message ?? ''))
      }
      const id = nextId++
      warnings.length = 0
      const sent = Date.now()
      await client.query(`insert into ${options.table} (id) values ($1)`, [id])
      note(warnings.length > 0 ? `D ${id} ${sent}` : `A ${id} ${sent} ${Date.now()}`)
      await sleep(options.pauseMs)
    } catch (error) {
      note(
        `E ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ').slice(0, 100)}`,
      )
      abandon(client)
      client = undefined
      await sleep(20)
    }
  }
}

process.on('SIGTERM', () => process.exit(0))
await Promise.all(Array.from({ length: options.clients }, write))
