import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { LentConnection } from '../../insight-server.ts'
import type { DescribedLog } from './describe-log.ts'

/** Some bytes of a file of the log; fewer at its end. */
export type ReadPiece = (name: string, offset: number, length: number) => Promise<Buffer>

const limitMs = 2_000

/**
 * How the log can be read from here: as a file of this host, else by the server; undefined where neither may be.
 * @throws PgherdError of `query`
 */
export async function findReader(
  log: DescribedLog,
  connection: LentConnection,
): Promise<ReadPiece | undefined> {
  const size = log.files.find(({ name }) => name === log.current)?.size ?? 0
  const here = await sizeHere(log.directory + log.current)
  // What a server on another host calls so may be another file here.
  if (here !== undefined && here >= size && here <= size + mostWrittenMeanwhile) {
    return (name, offset, length) => readHere(log.directory + name, offset, length)
  }
  if (!log.mayRead) return undefined
  return async (name, offset, length) => {
    const { rows } = await connection.query(
      {
        name: 'pgherd_schema_log_piece',
        text: `select encode(pg_read_binary_file($1, $2::bigint, $3::bigint), 'base64')`,
        values: [log.directory + name, String(offset), String(length)],
      },
      limitMs,
    )
    return Buffer.from(rows[0]?.[0] ?? '', 'base64')
  }
}

const mostWrittenMeanwhile = 1 << 20

async function sizeHere(path: string): Promise<number | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await file.stat()
    return found.isFile() ? found.size : undefined
  } catch {
    return undefined
  }
}

async function readHere(path: string, offset: number, length: number): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return bytes.subarray(0, bytesRead)
}
