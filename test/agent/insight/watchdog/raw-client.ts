import { connect } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { PostgresServer } from '../../../../testbed/postgres.ts'

/**
 * A client that speaks PostgreSQL's protocol (version 3, chapter "Frontend/Backend Protocol" of the manual) by hand, so that it can misbehave: leave out a Sync,
 * stop in the middle of a COPY, read nothing.
 */
export interface RawClient {
  readonly pid: number
  /** A simple query, whose answer nobody waits for. */
  query(sql: string): void
  /** The same, until the server is ready for more. */
  run(sql: string): Promise<void>
  /** Parse, Bind and Execute, without a Sync. */
  executeWithoutSync(sql: string): void
  copyData(text: string): void
  /** What comes from now on stays where it is. */
  stopReading(): void
  /** Whether the server has ended the connection. */
  isClosed(): boolean
}

/** @param parameters of the startup, beside user and database */
export async function openRawClient(
  server: PostgresServer,
  user: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<RawClient> {
  const socket = connect({ host: server.host, port: server.port })
  onTestFinished(() => void socket.destroy())
  let isClosed = false
  let pid = 0
  let ready = 0
  let received = Buffer.alloc(0)
  socket.on('close', () => (isClosed = true))
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= 5) {
      const end = 1 + received.readInt32BE(1)
      if (received.length < end) return
      const type = String.fromCharCode(received[0]!)
      if (type === 'K') pid = received.readInt32BE(5)
      if (type === 'Z') {
        ready++
        socket.emit('ready for query')
      }
      received = received.subarray(end)
    }
  })
  await once(socket, 'connect')
  const given = { user, database: 'postgres', application_name: 'raw', ...parameters }
  const names = Object.entries(given).flatMap(([name, value]) => [cString(name), cString(value)])
  socket.write(framed(Buffer.concat([int32(196_608), ...names, Buffer.from([0])])))
  await once(socket, 'ready for query')
  const query = (sql: string): void => void socket.write(message('Q', cString(sql)))
  return {
    pid,
    query,
    async run(sql) {
      const before = ready
      query(sql)
      while (ready === before) await once(socket, 'ready for query')
    },
    executeWithoutSync(sql) {
      const parse = message('P', Buffer.concat([cString(''), cString(sql), int16(0)]))
      const bind = message('B', Buffer.concat([cString(''), cString(''), int16(0), int16(0), int16(0)]))
      const execute = message('E', Buffer.concat([cString(''), int32(0)]))
      // Flush, so that the server sends what it has.
      socket.write(Buffer.concat([parse, bind, execute, message('H', Buffer.alloc(0))]))
    },
    copyData: (text) => void socket.write(message('d', Buffer.from(text))),
    stopReading: () => void socket.pause(),
    isClosed: () => isClosed,
  }
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), framed(body)])
}

function framed(body: Buffer): Buffer {
  return Buffer.concat([int32(body.length + 4), body])
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
