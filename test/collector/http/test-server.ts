import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { Registry } from 'prom-client'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { createHttpServer } from '../../../collector/http/server.ts'
import type { HttpServer } from '../../../collector/http/server.ts'
import type { HttpDependencies } from '../../../collector/http/dependencies.ts'
import type { QueryValue } from '../../../collector/http/query-service.ts'

/** A query service that gives one value to every query and remembers what it was asked. */
export function answering(value: QueryValue): HttpDependencies['query'] & { readonly asked: unknown[][] } {
  const asked: unknown[][] = []
  return {
    asked,
    instant: (text, timeMs) => {
      asked.push([text, timeMs])
      return Promise.resolve({ value })
    },
    range: (text, startMs, endMs, stepMs) => {
      asked.push([text, startMs, endMs, stepMs])
      return Promise.resolve({ value })
    },
  }
}

export const scalarOne: QueryValue = { kind: 'scalar', timestampMs: 1500, value: 1 }

/** Takes everything and keeps nothing. */
export const noInsert: HttpDependencies['insert'] = {
  write: () => Promise.resolve({}),
  importLines: (_format, body) => buffer(body),
  importNative: (body) => buffer(body),
  otlp: () => Promise.resolve({ contentType: 'application/x-protobuf', body: new Uint8Array(0) }),
  metadata: () => new Map(),
}

/** Whoever asks is an admin, as with auth.anonymous_role, and no token is known. */
export const openToAll: HttpDependencies['auth'] = {
  anonymousRole: 'admin',
  checkToken: () => ({ refused: 'unknown' }),
  certificateProblem: () => 'unknown',
  onRevoked: () => undefined,
  tokens: {
    create: () => fail('no tokens in this test'),
    list: () => [],
    revoke: () => fail('no tokens in this test'),
  },
}

/** Knows no command and takes none. */
export const noCommands: HttpDependencies['commands'] = {
  send: () => fail('no commands in this test'),
  approve: () => fail('no commands in this test'),
  one: () => undefined,
  list: () => [],
  signed: () => undefined,
  wait: () => Promise.resolve([]),
  actionsOf: () => [],
}

function fail(message: string): never {
  throw new Error(message)
}

/** A server with the parts that the test gives and empty ones for the rest; it ends with the test. */
export async function startServer(parts: Partial<HttpDependencies> = {}): Promise<HttpServer> {
  const server = await createHttpServer(dependenciesFor(parts))
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

export function dependenciesFor(parts: Partial<HttpDependencies>): HttpDependencies {
  return {
    clock: systemClock,
    log: silentLog,
    registry: new Registry(),
    auth: openToAll,
    query: answering(scalarOne),
    language: {
      addFilters: (text, filters) => `${text} ${JSON.stringify(filters)}`,
      format: (text) => text,
      describe: (text) => ({ text }),
      matches: () => true,
    },
    about: {
      startedMs: 0,
      directory: '/nonexistent',
      options: {},
      retention: '30d',
      alertmanagers: [],
      lastReload: () => ({ succeeded: true, succeededMs: 0 }),
      store: () => ({ corruptions: 0, minTimeMs: undefined, maxTimeMs: undefined }),
    },
    index: {
      series: () => Promise.resolve([]),
      labelNames: () => Promise.resolve([]),
      labelValues: () => Promise.resolve([]),
    },
    parseSelector: (text) => [[{ name: '__name__', operator: '=', value: text }]],
    insert: noInsert,
    rules: () => [],
    alerts: () => [],
    reload: () => Promise.resolve(undefined),
    nodes: () => Promise.resolve([]),
    ruleFiles: {
      check: () => ({ files: 0, groups: 0, rules: 0, problems: [] }),
      test: () => Promise.resolve([]),
    },
    silences: {
      list: () => Promise.resolve([]),
      one: () => Promise.resolve(undefined),
      set: () => Promise.reject(new Error('no silences in this test')),
      end: () => Promise.reject(new Error('no silences in this test')),
    },
    notify: () =>
      Promise.resolve({ via: 'nobody', silences: 'own', alertmanagers: [], webhooks: [], email: null }),
    ping: () => Promise.reject(new Error('no ping in this test')),
    acceptChannel: (socket) => socket.terminate(),
    commands: noCommands,
    events: () => [],
    backups: { list: () => [], one: () => undefined },
    clusters: { list: () => [], one: () => undefined },
    indexes: { list: () => ({ days: 35, findings: [], notes: [] }) },
    savedIndexes: () => [],
    watchdog: () => [],
    ddl: { list: () => [], one: () => undefined, state: () => undefined, diff: () => undefined },
    queries: {
      top: () => Promise.reject(new Error('no statements in this test')),
      one: () => Promise.reject(new Error('no statements in this test')),
      compare: () => Promise.reject(new Error('no statements in this test')),
      texts: () => [],
    },
    audit: { chains: () => [], newest: () => 0, read: () => Promise.resolve(undefined) },
    isReady: () => true,
    boards: { list: () => [], text: () => undefined },
    webDirectory: '/nonexistent',
    ...parts,
  }
}
