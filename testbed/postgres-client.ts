import pg from 'pg'

export interface ClientAddress {
  readonly host: string
  readonly port: number
  readonly user?: string
  readonly database?: string
  readonly password?: string
}

/** Runs `work` on a connection of its own, which is closed afterwards whatever happens. */
export async function withClient<T>(
  address: ClientAddress,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    user: 'postgres',
    database: 'postgres',
    application_name: 'testbed',
    connectionTimeoutMillis: 10_000,
    ...address,
  })
  // A server that goes away reports on the query in progress; the event of the idle connection repeats it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
