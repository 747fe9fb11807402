import { expect, test } from 'vitest'
import { loadBar } from '../../../agentctl/ash/load-bar.ts'
import { runAgentctl } from '../run-agentctl.ts'
import { collectorWith, grown, steady } from '../writes/stored-writes.ts'

const seconds = (sessions: number, labels: Readonly<Record<string, string>>) =>
  grown('pgherd_ash_seconds_total', sessions * 3_600, {
    ...{ datname: 'shop', usename: 'web', query: '-42' },
    ...labels,
  })
const cpu = { wait_event_type: 'CPU', wait_event: 'CPU' }
const rowLock = { wait_event_type: 'Lock', wait_event: 'transactionid' }

/** An hour in which three sessions worked on average, on two processors. */
const herd = [
  steady('pg_up', 1),
  steady('pg_up', 1, { cls: 'pg-other', ins: 'pg-other-1' }),
  grown('pgherd_ash_samples_total', 3_600),
  grown('pgherd_ash_sampled_seconds_total', 3_600),
  steady('pgherd_ash_gap_seconds_total', 0),
  seconds(1.5, cpu),
  seconds(0.5, rowLock),
  seconds(0.75, { ...rowLock, usename: 'batch', query: '77' }),
  seconds(0.25, { datname: 'other', usename: 'other', query: 'other', ...cpu }),
  grown('pgherd_ash_table_seconds_total', 3_600, {
    ...{ datname: 'shop', relname: 'orders', wait_event: 'transactionid' },
  }),
  grown('pgherd_ash_application_seconds_total', 2 * 3_600, { application_name: 'till' }),
  ...['0', '1'].map((cpuNumber) => grown('node_cpu_seconds_total', 1, { cpu: cpuNumber, mode: 'idle' })),
]

test('what worked, by what it waited for, with the processors as a mark', async () => {
  const { url } = await collectorWith(herd)
  const { out, error } = await runAgentctl(['ash', 'pg-main'], { url })
  expect(error).toBeUndefined()
  expect(out).toMatchInlineSnapshot(`
    "pg-main, 1h00m until 2023-11-14 22:15:00: 3.00 sessions worked on average, 2 processors
    [###################|##########]
    SESSIONS  SHARE  LOAD                EVENT
        1.75  58.3%  ##################  CPU
        1.25  41.7%  #############       Lock:transactionid"
  `)
})

test('by statement there is the text, and what it waited for most', async () => {
  const { url } = await collectorWith(herd, {
    'GET /api/v1/queries/texts': ({ query }) => {
      expect(query.get('cluster')).toBe('pg-main')
      expect(query.getAll('query').sort()).toEqual(['-42', '77'])
      return [{ cluster: 'pg-main', datname: 'shop', query: '77', text: 'update orders\n set a = $1' }]
    },
  })
  const { out } = await runAgentctl(['ash', 'pg-main-1', '--by', 'query'], { url })
  expect(out.split('\n').slice(2)).toMatchInlineSnapshot(`
    [
      "SESSIONS  SHARE  LOAD                  DATABASE  QUERY  MOSTLY                   TEXT",
      "    2.00  66.7%  ####################  shop      -42    CPU 75%",
      "    0.75  25.0%  ########              shop      77     Lock:transactionid 100%  update orders set a = $1",
      "    0.25   8.3%  ###                   other     other  CPU 100%",
    ]
  `)
})

test('a text that is very long is cut where no terminal cuts it', async () => {
  const text = `select ${'x'.repeat(5_000)}`
  const { url } = await collectorWith(herd, {
    'GET /api/v1/queries/texts': () => [{ cluster: 'pg-main', datname: 'shop', query: '-42', text }],
  })
  const by = ['ash', 'pg-main-1', '--by', 'query']
  const { out } = await runAgentctl(by, { url, width: Infinity })
  expect(out).toContain(`select ${'x'.repeat(152)}…`)
  expect(out).not.toContain('x'.repeat(153))
  expect((await runAgentctl(['-o', 'json', ...by], { url })).out).toContain(text)
})

test('a collector that keeps no texts shows the numbers of statements', async () => {
  const { url } = await collectorWith(herd)
  const { out } = await runAgentctl(['-o', 'tsv', 'ash', 'pg-main-1', '--by', 'query'], { url })
  expect(out).toMatch(/^2\.00\t66\.7%\tshop\t-42\tCPU 75%/m)
})

test.each([
  ['user', /^ +2\.00 +66\.7% +#+ +web +CPU 75%$/m],
  ['database', /^ +2\.75 +91\.7% +#+ +shop +CPU 55%$/m],
  ['table', /^ +1\.00 +33\.3% +#+ +shop +orders +transactionid$/m],
  ['application', /^ +2\.00 +66\.7% +#+ +till$/m],
])('by %s', async (by, line) => {
  const { url } = await collectorWith(herd)
  const { out } = await runAgentctl(['ash', 'pg-main', '--by', by], { url })
  expect(out).toMatch(line)
})

test('where looks began later, the average is over what is known, and that is said', async () => {
  const { url } = await collectorWith([
    steady('pg_up', 1),
    grown('pgherd_ash_sampled_seconds_total', 900),
    grown('pgherd_ash_gap_seconds_total', 60),
    grown('pgherd_ash_seconds_total', 1_800, cpu),
  ])
  const { out } = await runAgentctl(['ash', 'pg-main'], { url })
  expect(out).toContain(
    '2.00 sessions worked on average; of these 15m00s were looked at; nothing is known of 1m00s',
  )
})

test('nothing is told apart from nobody looking', async () => {
  const idle = await collectorWith([steady('pg_up', 1), grown('pgherd_ash_sampled_seconds_total', 3_600)])
  expect((await runAgentctl(['ash', 'pg-main'], idle)).out).toBe('no session worked')
  expect((await runAgentctl(['ash', 'pg-main', '--by', 'table'], idle)).out).toBe(
    'no session waited for a lock',
  )
  const off = await collectorWith([steady('pg_up', 1)])
  expect((await runAgentctl(['ash', 'pg-main'], off)).out).toMatch(/^nobody looked/)
})

test('a name that is none is said, with those that there are', async () => {
  const { url } = await collectorWith(herd)
  const { error } = await runAgentctl(['ash', 'pg-mian'], { url })
  expect(error).toMatchObject({ code: 'NOT_FOUND' })
  expect(error?.message).toContain(
    'no cluster or server is called pg-mian; there are: pg-main, pg-main-1, pg-other',
  )
})

test('a bar has the mark of the processors within it or behind it', () => {
  expect(loadBar(3, 3, 2)).toBe(`${'#'.repeat(19)}|${'#'.repeat(10)}`)
  expect(loadBar(1, 4, 4)).toBe(`${'#'.repeat(8)}${' '.repeat(21)}|`)
  expect(loadBar(0.001, 4)).toBe('#')
  expect(loadBar(0, 0)).toBe('')
})
