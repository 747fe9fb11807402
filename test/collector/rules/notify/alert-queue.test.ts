import { expect, test } from 'vitest'
import { createAlertQueue } from '../../../../collector/rules/notify/alert-queue.ts'
import type { AlertNotification } from '../../../../collector/rules/rule-types.ts'

function about(ins: string, startsAtMs = 0): AlertNotification {
  return {
    labels: { alertname: 'Down', ins },
    annotations: {},
    startsAtMs,
    endsAtMs: 1,
    generatorUrl: undefined,
  }
}

test('a newer message about an alert replaces the one that waits', () => {
  const queue = createAlertQueue(10)
  queue.put([about('a'), about('b')])
  queue.put([about('a', 5)])
  expect(queue.peek(10)).toEqual([about('a', 5), about('b')])
})

test('settling removes what was sent, and not what came in meanwhile', () => {
  const queue = createAlertQueue(10)
  queue.put([about('a'), about('b')])
  const sent = queue.peek(10)
  queue.put([about('a', 5)])
  queue.settle(sent)
  expect(queue.peek(10)).toEqual([about('a', 5)])
})

test('a full queue drops what waits longest, and says how many', () => {
  const queue = createAlertQueue(2)
  expect(queue.put([about('a'), about('b')])).toBe(0)
  expect(queue.put([about('c')])).toBe(1)
  expect(queue.peek(10)).toEqual([about('b'), about('c')])
})
