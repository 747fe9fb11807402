import { expect, test } from 'vitest'
import { catalogueMetrics, unknownIn } from '../rules/emitted-metrics.ts'
import { expressionsOf, readBoards, variablesOf, withAllChosen } from './read-boards.ts'

/** What agents tell of a server or a pooler beside what its probes give. */
const besides = /^nobody emits (pg_up|pg_in_recovery|pg_version|pgbouncer_up)$/
/** Of machines, neighbours and pgherd itself: `npm run drill:boards` looks whether these are emitted. */
const elsewhere = /^nobody emits (?!pg_|pgbouncer_)/

test.each(readBoards())('$name names only metrics and labels that probes give', async (board) => {
  const emitted = await catalogueMetrics()
  const texts = [
    ...expressionsOf(board).map(({ expr }) => expr),
    ...variablesOf(board).map(({ selector }) => selector),
  ]
  const unknown = texts.flatMap((text) => unknownIn(withAllChosen(text), emitted))
  expect(unknown.filter((one) => !besides.test(one) && !elsewhere.test(one))).toEqual([])
})
