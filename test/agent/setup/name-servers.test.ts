import { describe, expect, test } from 'vitest'
import { nameServers } from '../../../agent/setup/name-servers.ts'
import type { AskedName, Nameless } from '../../../agent/setup/name-servers.ts'

const server = (port: number, more: Partial<Nameless> = {}, debianName?: string): Nameless => ({
  server: {
    ...{ pid: port, uid: 1, gid: 1, port, major: '17', debianName },
    dataDirectory: `/data/${port}`,
    socketDirectory: '/run/postgresql',
  },
  ...{ inRecovery: false, clusterName: '', scope: undefined, member: undefined },
  ...more,
})
const names = (all: readonly Nameless[], asked: Partial<AskedName> = {}): readonly string[] =>
  nameServers(all, {
    ...{ node: undefined, cluster: undefined, seq: undefined, from: 'as asked for', hostName: 'dbhost' },
    ...asked,
  }).map(({ cluster, seq }) => `${cluster}-${seq}`)

describe('one server', () => {
  test('is called as asked for', () => {
    expect(names([server(5432, { scope: 'other', member: 'x-7' })], { node: 'pg-main-2' })).toEqual([
      'pg-main-2',
    ])
    expect(names([server(5432)], { cluster: 'pg-main', seq: 3 })).toEqual(['pg-main-3'])
  })

  test("by Patroni's scope and the number of its member", () => {
    expect(names([server(5432, { scope: 'shop_db', member: 'node2', clusterName: 'shop_db' })])).toEqual([
      'shop-db-2',
    ])
  })

  test("by cluster_name, with its number where it has one, but not by Debian's", () => {
    expect(names([server(5432, { clusterName: 'pg-main-2' })])).toEqual(['pg-main-2'])
    expect(names([server(5432, { clusterName: 'shop' })])).toEqual(['shop-1'])
    expect(names([server(5432, { clusterName: '17/main' })])).toEqual(['dbhost-1'])
  })

  test('by the name of the host and the number at its end', () => {
    expect(names([server(5432)], { hostName: 'pg-shop-3' })).toEqual(['pg-shop-3'])
    expect(names([server(5432)], { hostName: 'db7' })).toEqual(['db-7'])
  })

  test('a standby without a number is not taken for the first', () => {
    expect(() => names([server(5432, { inRecovery: true, clusterName: 'shop' })])).toThrow(
      /the number of this member of shop .* allowed: a node such as shop-2, or --seq 2/,
    )
  })

  test('names that contradict each other, or are none, are refused', () => {
    expect(() => names([server(5432)], { node: 'pg-main' })).toThrow(/allowed: <cluster>-<number>/)
    expect(() => names([server(5432)], { node: 'pg-main-1', seq: 2 })).toThrow(
      /contradict the node pg-main-1/,
    )
  })
})

describe('several servers on a host', () => {
  test('the first gives the agent its name, the others have theirs or its port', () => {
    expect(
      names([server(5432), server(5433, { clusterName: 'reports' }), server(5434)], { node: 'pg-main-1' }),
    ).toEqual(['pg-main-1', 'reports-1', 'pg-main-5434-1'])
  })

  test("the one whose cluster is the node's comes first", () => {
    expect(
      names([server(5432, { clusterName: 'reports' }), server(5433, { clusterName: 'pg-main' })], {
        node: 'pg-main-2',
      }),
    ).toEqual(['pg-main-2', 'reports-2'])
  })

  test('two of one cluster are told apart', () => {
    const both = [server(5432, { clusterName: 'shop' }), server(5433, { clusterName: 'shop' })]
    expect(names(both)).toEqual(['shop-1', 'shop-5433-1'])
  })

  test("a server has Debian's name for it where it is not main", () => {
    expect(names([server(5432, {}, '17/main'), server(5433, {}, '16/old')], { node: 'pg-main-1' })).toEqual([
      'pg-main-1',
      'pg-main-old-1',
    ])
  })
})
