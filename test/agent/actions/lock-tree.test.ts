import { expect, test } from 'vitest'
import { lockTree } from '../../../agent/actions/reports/lock-tree.ts'

function drawn(edges: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const nodes = Object.entries(edges).map(([key, blockers]) => ({ key, blockers }))
  return lockTree(nodes).map(({ node, depth }) => `${'-'.repeat(depth)}${node.key}`)
}

test('those who wait stand below whom they wait for', () => {
  expect(drawn({ b: ['a'], c: ['b'], a: [], d: ['a'] })).toEqual(['a', '-b', '--c', '-d'])
})

test('who waits for several stands once, below the first that is known', () => {
  expect(drawn({ a: [], b: [], c: ['gone', 'b', 'a'] })).toEqual(['a', 'b', '-c'])
})

test('a circle is cut, and shown once', () => {
  expect(drawn({ a: ['b'], b: ['a'], c: ['b'] })).toEqual(['a', '-b', '--c'])
})

test('a chain of thousands is no matter of the stack', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [`s${i}`, i === 0 ? [] : [`s${i - 1}`]]),
  )
  expect(drawn(chain)).toHaveLength(20_000)
})
