import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Contact } from '../../../agent/health/contact.ts'
import { createLinkWatch } from '../../../agent/health/link-watch.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'

const never = new Promise<never>(() => undefined)

class FakeLink {
  isOpen = true
  readonly number: number
  readonly #closed = Promise.withResolvers<undefined>()
  readonly closed = this.#closed.promise
  constructor(number: number) {
    this.number = number
  }
  [Symbol.asyncDispose](): Promise<void> {
    this.isOpen = false
    this.#closed.resolve(undefined)
    return Promise.resolve()
  }
}

/** A server that does what a test tells it; all waiting is a fiftieth. */
function setUp(server: {
  open?: (attempt: number) => Promise<void>
  ask?: (link: FakeLink) => Promise<string>
}) {
  const links: FakeLink[] = []
  const contacts: Contact<string>[] = []
  const again: number[] = []
  let attempts = 0
  const over = new AbortController()
  const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) }
  const watch = createLinkWatch<FakeLink, string>({
    async open() {
      await server.open?.(++attempts)
      const link = new FakeLink(links.length + 1)
      links.push(link)
      return link
    },
    ask: server.ask ?? ((link) => Promise.resolve(`from ${link.number}`)),
    onContact(contact, againMs) {
      contacts.push(contact)
      again.push(againMs)
    },
    deadlineMs: 1_000,
    // Its stalls are not the matter here: time goes by as it is told.
    clock: { ...clock, monotonic: () => systemClock.monotonic() * 50 },
    signal: over.signal,
  })
  return { watch, links, contacts, again, over, attempts: () => attempts }
}

const open = (links: readonly FakeLink[]): readonly number[] =>
  links.filter(({ isOpen }) => isOpen).map(({ number }) => number)

describe('looks at a server', () => {
  test('go over one connection as long as it answers', async () => {
    const { watch, links, contacts } = setUp({})
    await watch.look()
    await watch.look()
    expect(contacts).toEqual([
      { kind: 'answered', value: 'from 1' },
      { kind: 'answered', value: 'from 1' },
    ])
    expect(links).toHaveLength(1)
  })

  test('are not waited for when the connection closes between two: a new one tells at once, once a look', async () => {
    let isDown = false
    const refusal = new PgherdError('POSTGRES_UNAVAILABLE', 'no', { details: { sqlstate: '57P03' } })
    const { watch, links, contacts } = setUp({
      open: () => (isDown ? Promise.reject(refusal) : Promise.resolve()),
    })
    await watch.look()
    await links[0]![Symbol.asyncDispose]()
    await setImmediate()
    expect(contacts).toHaveLength(2)
    expect(contacts[1]).toEqual({ kind: 'answered', value: 'from 2' })
    await links[1]![Symbol.asyncDispose]()
    await setImmediate()
    expect(contacts).toHaveLength(2)
    await watch.look()
    isDown = true
    await links[2]![Symbol.asyncDispose]()
    await setImmediate()
    expect(contacts.map(({ kind }) => kind)).toEqual(['answered', 'answered', 'answered', 'starting'])
  })

  test('whose connection alone is silent are answered over a new one, which takes its place', async () => {
    let isSilent = false
    const { watch, links, contacts } = setUp({
      ask: (link) => (isSilent && link.number === 1 ? never : Promise.resolve(`from ${link.number}`)),
    })
    await watch.look()
    isSilent = true
    await watch.look()
    expect(contacts.at(-1)).toEqual({ kind: 'answered', value: 'from 2' })
    expect(open(links)).toEqual([2])
  })

  test('that is silent on both end in hung, and no third connection is tried', async () => {
    let isHung = false
    const { watch, contacts, attempts } = setUp({
      open: () => (isHung ? never : Promise.resolve()),
      ask: () => (isHung ? never : Promise.resolve('well')),
    })
    await watch.look()
    isHung = true
    for (let i = 0; i < 3; i++) await watch.look()
    expect(contacts.map(({ kind }) => kind)).toEqual(['answered', 'hung', 'hung', 'hung'])
    expect(attempts()).toBe(2)
  })

  test('are told of a late answer when it comes, not at the next look', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const { watch, contacts } = setUp({ ask: () => promise })
    await watch.look()
    resolve('late')
    await setImmediate()
    expect(contacts).toMatchObject([{ kind: 'hung' }, { kind: 'answered', value: 'late' }])
  })

  test('that lost their connection unseen try a new one in the same look', async () => {
    let isLost = false
    const { watch, contacts, links } = setUp({
      ask(link) {
        if (!isLost || link.number > 1) return Promise.resolve(`from ${link.number}`)
        link.isOpen = false
        return Promise.reject(new PgherdError('POSTGRES_UNAVAILABLE', 'the connection ended'))
      },
    })
    await watch.look()
    isLost = true
    await watch.look()
    expect(contacts.at(-1)).toEqual({ kind: 'answered', value: 'from 2' })
    expect(open(links)).toEqual([2])
  })

  test('that are refused again and again, a line in its log each, become rarer', async () => {
    const refusal = new PgherdError('POSTGRES_UNAVAILABLE', 'no', { details: { sqlstate: '28P01' } })
    const { watch, contacts, again, attempts } = setUp({ open: () => Promise.reject(refusal) })
    for (let i = 0; i < 20; i++) await watch.look()
    expect(new Set(contacts.map(({ kind }) => kind))).toEqual(new Set(['refusing']))
    expect(attempts()).toBeLessThan(12)
    expect(Math.max(...again)).toBe(5_000)
  })

  test('end with the signal, and so do their connections', async () => {
    const { watch, links, contacts, over } = setUp({})
    await watch.look()
    over.abort()
    await watch.look()
    expect([open(links), contacts.length]).toEqual([[], 1])
  })
})
