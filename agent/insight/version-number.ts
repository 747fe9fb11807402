import type { LentConnection } from './insight-server.ts'

/** server_version_num of the server behind a connection, asked once on each. @throws PgherdError of `Connection.query` */
export type VersionNumber = (connection: LentConnection) => Promise<number>

const limitMs = 2_000

/** The server behind an address can be another with each connection. */
export function createVersionNumber(): VersionNumber {
  let known: { readonly connection: LentConnection; readonly number: number } | undefined
  return async (connection) => {
    if (known?.connection !== connection) {
      const { rows } = await connection.query({ text: 'show server_version_num' }, limitMs)
      known = { connection, number: Number(rows[0]?.[0]) }
    }
    return known.number
  }
}
