import { expect, test } from 'vitest'
import { runAgentctl } from '../../agentctl/run-agentctl.ts'
import { prepareWriters, shop, writeKnown } from '../../agent/actions/reports/known-writers.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startHerd } from '../../system/herd.ts'

test(
  'agentctl writes names the known writers of a real server, and the indexes that nobody scans',
  { timeout: 300_000 },
  async () => {
    await using herd = await startHerd({
      postgres: { shared_preload_libraries: 'pg_stat_statements', autovacuum: 'off' },
    })
    const { postgres, collector } = herd
    await postgres.query('create extension pg_stat_statements')
    await prepareWriters(postgres)
    // The agent looks each minute which databases there are, and into them in turn.
    const patience = { timeoutMs: 100_000, intervalMs: 500 }
    // So that each counter has a measurement before and one after it.
    const measured = async (least: number): Promise<void> => {
      const told = async (): Promise<boolean> => {
        const rows = await herd.instant(`pg_table_n_tup_upd{datname="${shop}",relname="public.churn"}`)
        return rows.some(({ value }) => value >= least)
      }
      await waitFor('the agent to have told of the writes', told, patience)
    }
    await measured(0)
    await writeKnown(postgres)
    await measured(10_000)
    // They are evaluated once a minute.
    const estimated = async (): Promise<boolean> =>
      (await herd.instant('index:pg_wal_bytes:rate5m > 0')).length >= 6
    await waitFor('the rules to estimate', estimated, patience)

    const { out, error } = await runAgentctl(['writes', 'pg-sys', '--since', '5m'], { url: collector.url })
    expect(error).toBeUndefined()
    const lines = out.split('\n')
    const under = (title: string): readonly string[] => {
      const begin = lines.findIndex((line) => line.startsWith(`${title} `))
      return lines.slice(begin + 1, lines.indexOf('', begin)).map((line) => line.split(/ +/)[0]!)
    }
    expect(under('TABLE')).toEqual(['public.churn', 'public.counter', 'public.journal'])
    const never = lines.filter((line) => line.endsWith('never')).map((line) => line.split(/ +/)[0]!)
    expect(never.toSorted()).toEqual(['public.churn_at', 'public.churn_price', 'public.churn_who'])
    expect(under('STATEMENT').length).toBeGreaterThan(0)
    expect(out).toMatch(/^\d\. Look whether 3 indexes that nobody scans can go: /m)
  },
)
