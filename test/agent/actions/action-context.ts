import { onTestFinished } from 'vitest'
import type { ActionContext } from '../../../agent/actions/action.ts'
import { openActionSession } from '../../../agent/postgres/action-session.ts'
import type { ActionSession, ActionSessionOptions } from '../../../agent/postgres/action-session.ts'
import { systemClock } from '../../../common/clock.ts'
import type { ActionOutput } from '../../../common/command/result.ts'

/** What an action gets, over a real session that ends with the test. */
export interface TestContext extends ActionContext {
  readonly told: readonly { readonly percent: number | null; readonly text: string }[]
}

export function openForTest(
  url: string,
  options: Partial<ActionSessionOptions> = {},
): () => Promise<ActionSession> {
  let opening: Promise<ActionSession> | undefined
  onTestFinished(async () => (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]())
  return () => {
    opening ??= openActionSession({ url, clock: systemClock, slots: new Set(), timeoutMs: 5_000, ...options })
    return opening
  }
}

export function contextOver(
  session: () => Promise<ActionSession>,
  signal: AbortSignal = new AbortController().signal,
): TestContext {
  const told: { percent: number | null; text: string }[] = []
  return {
    clock: systemClock,
    command: '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c',
    node: 'pg-test-1',
    server: 'pg-test-1',
    signal,
    told,
    progress: (percent, text) => void told.push({ percent, text }),
    write: () => undefined,
    mustUndo: () => Promise.resolve(),
    session,
    agent: {
      version: 'test',
      scrapeNow: () => Promise.resolve({ sources: 2, samples: 300 }),
      logLevel: () => 'info',
      setLogLevel: () => undefined,
      facts: () => ({ node: 'pg-test-1' }),
    },
  }
}

/** The rows of a table, each by the names of its columns. */
export function rowsOf(
  output: readonly ActionOutput[],
  title: string,
): readonly Readonly<Record<string, string | null>>[] {
  const table = output.find((one) => one.title === title)
  if (table?.type !== 'table') throw new Error(`no table ${title} in ${JSON.stringify(output)}`)
  return table.rows.map((row) =>
    Object.fromEntries(table.columns.map(({ name }, i) => [name, row[i] ?? null])),
  )
}
