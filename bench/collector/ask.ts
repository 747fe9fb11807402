import { cpuMs } from '../agent-cost/process-cost.ts'
import { compareAnswers, readAnswer } from './compare-answers.ts'
import type { Difference } from './compare-answers.ts'
import { createClient } from './http-post.ts'
import type { Server } from './servers.ts'
import type { Query } from './workloads.ts'

/** Smallest first. */
export interface Times {
  readonly wallMs: readonly number[]
  readonly cpuMs: readonly number[]
}

/** What one query costs one server. */
export interface QueryCost {
  /** Soon after the restart: compilers warm up, caches fill. */
  readonly first: Times
  /** The same number again: a server runs for months. */
  readonly then: Times
  /** The same number once it has been asked askedBeforeSteady times; for queries that want it. */
  readonly steady?: Times
}

/** When compilers have done with what a query needs. */
export const askedBeforeSteady = 1_000

export interface Asked {
  readonly query: Query
  readonly costs: ReadonlyMap<Server['name'], QueryCost>
  /** From what the first server answers, by the name of the other one. */
  readonly differences: ReadonlyMap<Server['name'], Difference>
}

const emptyBody: Buffer = Buffer.alloc(0)
const warmUps = 5
/** Queries are asked at times that no sample has: servers differ in which end of a window they leave out. */
const offSampleMs = 4_321

/**
 * Asks all servers the same, one after the other, again and again, every time a little earlier: what one of them keeps
 * of an earlier answer is no answer to the next one.
 * @param times in each part
 */
export async function askAll(
  servers: readonly Server[],
  query: Query,
  lastMs: number,
  times: number,
): Promise<Asked> {
  using stack = new DisposableStack()
  const runs = servers.map((server) => ({
    server,
    client: stack.use(createClient(server.url)),
    first: { wallMs: [] as number[], cpuMs: [] as number[] },
    then: { wallMs: [] as number[], cpuMs: [] as number[] },
    steady: { wallMs: [] as number[], cpuMs: [] as number[] },
    body: emptyBody,
  }))
  const isSteady = query.isAskedSteadily === true
  const partAt = (i: number): 'first' | 'then' | 'steady' | undefined => {
    if (i < warmUps) return undefined
    if (i < warmUps + 2 * times) return i < warmUps + times ? 'first' : 'then'
    return i < askedBeforeSteady ? undefined : 'steady'
  }
  const total = isSteady ? askedBeforeSteady + times : warmUps + 2 * times
  for (let i = 0; i < total; i++) {
    const path = pathOf(query, lastMs - 10_000 + offSampleMs - i * 1000)
    for (const run of runs) {
      const cpuBefore = cpuMs(run.server.pid)
      const startedMs = performance.now()
      const answer = await run.client.get(path)
      const wall = performance.now() - startedMs
      if (answer.status !== 200) {
        throw new Error(
          `${run.server.name} answered ${answer.status}: ${answer.body.toString().slice(0, 300)}`,
        )
      }
      run.body = answer.body
      const part = partAt(i)
      if (part === undefined) continue
      run[part].wallMs.push(wall)
      run[part].cpuMs.push(cpuMs(run.server.pid) - cpuBefore)
    }
  }
  const [mine, ...others] = runs.map(({ server, body }) => ({ name: server.name, answer: readAnswer(body) }))
  return {
    query,
    costs: new Map(
      runs.map(({ server, first, then, steady }) => [
        server.name,
        {
          first: sorted(first),
          then: sorted(then),
          ...(isSteady ? { steady: sorted(steady) } : {}),
        },
      ]),
    ),
    differences: new Map(others.map(({ name, answer }) => [name, compareAnswers(mine!.answer, answer)])),
  }
}

function sorted({ wallMs, cpuMs: cpu }: Times): Times {
  return { wallMs: wallMs.toSorted((a, b) => a - b), cpuMs: cpu.toSorted((a, b) => a - b) }
}

/** VictoriaMetrics caches answers and moves their times unless told not to; the others do not look at it. */
function pathOf({ expression, range }: Query, endMs: number): string {
  const parameters = new URLSearchParams({ query: expression, nocache: '1' })
  if (range === undefined) {
    parameters.set('time', String(endMs / 1000))
    return `/api/v1/query?${parameters.toString()}`
  }
  parameters.set('start', String((endMs - range.ms) / 1000))
  parameters.set('end', String(endMs / 1000))
  parameters.set('step', String(range.stepMs / 1000))
  return `/api/v1/query_range?${parameters.toString()}`
}
