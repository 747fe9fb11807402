import { expect, test } from 'vitest'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { adviceIn, quiet, run } from './vacuum-bed.ts'

/** Old rows on real servers, and all rules asked. Freezing is forced from 100 000 transactions on in place of 200 million. */

test('V5: rows that grow older than what is forced brings up', async () => {
  await using observed = await startObserved({
    major: 18,
    settings: {
      ...quiet,
      autovacuum_freeze_max_age: '100000',
      autovacuum_vacuum_cost_delay: '100ms',
      autovacuum_vacuum_cost_limit: '1',
      autovacuum_max_workers: '2',
    },
  })
  const { server } = observed
  const { ids, findings } = await adviceIn(observed, () => run(server, transactions(130_000)))
  expect(ids).toEqual(['V5'])
  expect(findings.get('V5')?.drafts.map(({ parameter, proposed }) => `${parameter} = ${proposed}`)).toEqual([
    'autovacuum_vacuum_cost_delay = 0',
    'autovacuum_max_workers = 4',
    'autovacuum_work_mem = 128MB',
  ])
  expect(findings.get('V5')?.notes[0]).toMatch(
    /^the oldest row is 13\d(\.\d)? thousand transactions old, which is 1\.3 times /,
  )
})

test('V6: ids that are used up to the age of freezing within hours', async () => {
  await using observed = await startObserved({
    major: 14,
    settings: { ...quiet, autovacuum_freeze_max_age: '100000' },
  })
  const { ids, findings } = await adviceIn(observed, () => run(observed.server, transactions(5_000)))
  expect(ids).toEqual(['V6'])
  expect(findings.get('V6')?.drafts).toMatchObject([
    { parameter: 'autovacuum_freeze_max_age', proposed: '200000' },
  ])
})

const transactions = (count: number): string =>
  `do $$ begin for i in 1..${count} loop perform txid_current(); commit; end loop; end $$`
