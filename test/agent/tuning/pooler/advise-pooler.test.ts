import { describe, expect, test } from 'vitest'
import { advisePooler } from '../../../../agent/tuning/pooler/advise-pooler.ts'
import type { PooledServer, PoolerSeen } from '../../../../agent/tuning/pooler/pooler-seen.ts'

type Row = Readonly<Record<string, string | number>>

const rowOf = (row: Row): ReadonlyMap<string, string> =>
  new Map(Object.entries(row).map(([name, value]) => [name, String(value)]))

const server: PooledServer = {
  profile: 'mixed',
  processors: 4,
  maxConnections: 100,
  reserved: 3,
  clientBackends: null,
  activeSessions: null,
  busyProcessors: null,
  lockWaits: null,
  idleTransactionMs: 0,
}

const quietConfig = {
  default_pool_size: 20,
  reserve_pool_size: 3,
  reserve_pool_timeout: 5,
  max_db_connections: 50,
  max_client_conn: 1000,
  query_wait_timeout: 120,
  server_lifetime: 3600,
  idle_transaction_timeout: 0,
}
const quietPool = {
  database: 'shop',
  user: 'app',
  cl_active: 15,
  cl_waiting: 0,
  sv_active: 12,
  sv_idle: 6,
  maxwait: 0,
  maxwait_us: 0,
  pool_mode: 'transaction',
}
/** A pool of which all 20 are in use while clients wait. */
const full = { ...quietPool, cl_waiting: 7, sv_active: 20, sv_idle: 0, maxwait_us: 40_000 }

/** What is said of a pooler that looks the same ten times, unless told otherwise. */
function pooler(
  of: {
    readonly config?: Row
    readonly pools?: readonly Row[]
    readonly databases?: readonly Row[]
    readonly stats?: readonly [Row, Row]
    readonly looks?: number
    readonly process?: PoolerSeen['process']
    /** Settings that only a restart changes. */
    readonly fixed?: readonly string[]
  },
  other: Partial<PooledServer> = {},
) {
  const { pools = [quietPool], looks = 10, stats, fixed = [] } = of
  const databases = of.databases ?? [
    { name: 'shop', pool_size: 20, min_pool_size: 0, reserve_pool: 3, max_connections: 0 },
  ]
  const answer = advisePooler(
    {
      config: Object.entries({ ...quietConfig, ...of.config }).map(([key, value]) =>
        rowOf({ key, value, changeable: fixed.includes(key) ? 'no' : 'yes' }),
      ),
      databases: databases.map(rowOf),
      looks: Array.from({ length: looks }, (_, index) => ({
        atMs: index * 1000,
        pools: pools.map(rowOf),
        stats: stats === undefined ? [] : [rowOf(index === looks - 1 ? stats[1] : stats[0])],
      })),
      process: of.process ?? null,
    },
    { ...server, ...other },
  )
  return {
    ...answer,
    values: Object.fromEntries(answer.proposals.map(({ parameter, proposed }) => [parameter, proposed])),
  }
}

test('nothing is said of a pooler that does well', () => {
  expect(pooler({})).toMatchObject({ proposals: [], notes: [] })
})

describe('a pool for which clients wait', () => {
  test('becomes a quarter larger', () => {
    const { proposals } = pooler({ pools: [full] })
    expect(proposals).toMatchObject([{ parameter: 'default_pool_size', current: '20', proposed: '25' }])
  })

  test('with the figures of Little’s law, where transactions were seen', () => {
    const { proposals } = pooler({
      pools: [full],
      stats: [
        { database: 'shop', total_xact_count: 0, total_xact_time: 0, total_wait_time: 0 },
        { database: 'shop', total_xact_count: 9000, total_xact_time: 270e6, total_wait_time: 90e6 },
      ],
    })
    expect(proposals[0]!.reason).toContain('1000 transactions per second of 20 ms keep 20 busy')
  })

  test.each([
    ['in one look of ten, briefly', 1, 40_000, undefined],
    ['in two of ten', 2, 40_000, '25'],
    ['once, for more than half a second', 1, 600_000, '25'],
  ])('%s', (_what, count, maxwait_us, wanted) => {
    const looks = Array.from({ length: 10 }, (_, index) => ({
      atMs: index * 1000,
      pools: [rowOf(index < count ? { ...full, maxwait_us } : quietPool)],
      stats: [],
    }))
    const config = Object.entries(quietConfig).map(([key, value]) => rowOf({ key, value, changeable: 'yes' }))
    const databases = [rowOf({ name: 'shop', pool_size: 20, reserve_pool: 3 })]
    const { proposals } = advisePooler({ config, databases, looks, process: null }, server)
    expect(proposals.find(({ parameter }) => parameter === 'default_pool_size')?.proposed).toBe(wanted)
  })

  test('stays while it has connections to give', () => {
    expect(pooler({ pools: [{ ...full, sv_active: 19 }] }).values).toEqual({})
  })

  test('stays where the processors are busy or enough is active, and it is said', () => {
    for (const other of [{ busyProcessors: 0.8 }, { activeSessions: 17 }]) {
      const { values, notes } = pooler({ pools: [full] }, other)
      expect(values).toEqual({})
      expect(notes[0]).toMatch(/waited.*a larger pool would not help$/)
    }
  })

  test('never gets more than the server has', () => {
    // 31 - 3 reserved - 5 to spare = 23 for 20 and a reserve of 3.
    const { values, notes } = pooler({ pools: [full] }, { maxConnections: 31 })
    expect(values).not.toHaveProperty('default_pool_size')
    expect(notes[0]).toMatch(/there is no room for more: all pools may take 23 of 23 connections/)
    expect(pooler({ pools: [full] }, { maxConnections: 36 }).values).toMatchObject({
      default_pool_size: '25',
    })
  })

  test('sessions beside the pools are counted with a fifth more', () => {
    const { proposals } = pooler({ pools: [full] }, { clientBackends: 30 })
    expect(proposals[0]!.reason).toContain(
      'the server has 80 for pools (100 of max_connections without 3 reserved, 12 for 10 beside the pools, and 5 to spare)',
    )
  })

  test('gets a size of its own, where there is no room for all others to grow as well', () => {
    const others = ['b', 'c', 'd'].map((database) => ({ ...quietPool, database, sv_idle: 8 }))
    const databases = ['shop', 'b', 'c', 'd'].map((name) => ({ name, pool_size: 20, reserve_pool: 0 }))
    const { proposals } = pooler(
      { pools: [full, ...others], databases, config: { max_db_connections: 25 } },
      { maxConnections: 95 },
    )
    expect(proposals).toMatchObject([
      { parameter: 'pool_size', target: 'database shop', current: '20', proposed: '25' },
    ])
  })

  test('changes its own size where it has one', () => {
    const databases = [{ name: 'shop', pool_size: 8, reserve_pool: 3 }]
    const { proposals } = pooler({ pools: [{ ...full, sv_active: 8 }], databases })
    expect(proposals).toMatchObject([{ parameter: 'pool_size', target: 'database shop', proposed: '10' }])
  })
})

describe('a pool of which half is never used', () => {
  const idle = { ...quietPool, sv_active: 1, sv_idle: 4 }

  test('becomes a fifth smaller, with low confidence', () => {
    const { proposals } = pooler({ pools: [idle] })
    expect(proposals).toMatchObject([
      { parameter: 'default_pool_size', current: '20', proposed: '16', confidence: 'low' },
    ])
  })

  test('stays where one of those that share the size needs it', () => {
    expect(pooler({ pools: [idle, { ...quietPool, user: 'report' }] }).values).toEqual({})
  })

  test('is not judged by what min_pool_size keeps open', () => {
    const databases = [{ name: 'shop', pool_size: 20, min_pool_size: 18, reserve_pool: 3 }]
    expect(pooler({ pools: [{ ...idle, sv_idle: 17 }], databases }).values).toEqual({
      default_pool_size: '18',
    })
  })

  test('nor by too few looks', () => {
    expect(pooler({ pools: [idle], looks: 4 }).values).toEqual({})
  })
})

test('a busy pool becomes smaller where the server has no processor left and its sessions wait for each other', () => {
  const hot = { busyProcessors: 0.9, lockWaits: 0.2 }
  const { proposals } = pooler({ pools: [full] }, hot)
  expect(proposals).toMatchObject([{ parameter: 'default_pool_size', current: '20', proposed: '16' }])
  expect(proposals[0]!.reason).toContain('90 % busy at the peak and 20 % of its sessions')
  expect(pooler({ pools: [full] }, { ...hot, lockWaits: 0.05 }).values).toEqual({})
  expect(pooler({ pools: [full] }, { ...hot, processors: 10 }).values).toEqual({})
})

test('pools that may take more than the server has are told', () => {
  const { notes } = pooler({}, { maxConnections: 25 })
  expect(notes[0]).toMatch(/^all pools of pgBouncer together may take 23 connections, of 17 that the server/)
})

describe('what bounds it', () => {
  test('each is proposed where it is not as it should be', () => {
    const config = {
      reserve_pool_size: 0,
      max_db_connections: 0,
      query_wait_timeout: 0,
      server_lifetime: 86_400,
      max_client_conn: 20,
      reserve_pool_timeout: 30,
    }
    expect(pooler({ config }, { idleTransactionMs: 300_000 }).values).toEqual({
      reserve_pool_size: '3',
      max_db_connections: '92',
      query_wait_timeout: '120',
      server_lifetime: '3600',
      max_client_conn: '100',
      reserve_pool_timeout: '5',
      idle_transaction_timeout: '300',
    })
  })

  test('clients of a web application are told sooner that there is no connection', () => {
    expect(pooler({}, { profile: 'oltp' }).values).toEqual({ query_wait_timeout: '30' })
  })

  test('prepared statements only where this version has them', () => {
    expect(pooler({}).values).toEqual({})
    expect(pooler({ config: { max_prepared_statements: 0 } }).values).toEqual({
      max_prepared_statements: '200',
    })
  })

  test('what RELOAD does not change needs a restart', () => {
    const { proposals } = pooler({ config: { server_lifetime: 0 }, fixed: ['server_lifetime'] })
    expect(proposals).toMatchObject([{ parameter: 'server_lifetime', needs: 'restart' }])
  })

  test('a process that may not open enough files, or has no more processor, is told', () => {
    const { notes } = pooler({ process: { busyShare: 0.82, openFileLimit: 1024 } })
    expect(notes).toEqual([
      'pgBouncer may have 1024 files open and needs 1223 for 1000 clients and the connections to the server: LimitNOFILE=1223 in its unit',
      expect.stringMatching(/^pgBouncer takes 82 % of the one processor that it can use/) as string,
    ])
  })

  test('session mode is told where clients share nothing by it', () => {
    const pool = { ...quietPool, pool_mode: 'session', cl_active: 40 }
    expect(pooler({ pools: [pool] }).notes[0]).toMatch(/^in session mode .*\(app on shop\)/)
  })
})
