import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createConnectionPlaces } from '../../../collector/http/connection-places.ts'

/** Forty connections, ten of which one address may have. */
function startPlaces(proxies: readonly string[] = []) {
  const refused = { all: 0, address: 0 }
  const take = createConnectionPlaces({
    maxConnections: 40,
    proxies,
    onRefused: (reason) => refused[reason]++,
  })
  const connections: EventEmitter[] = []
  const connect = (remoteAddress: string | undefined): boolean => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress })
    const isTaken = take(socket)
    if (isTaken) connections.push(socket)
    return isTaken
  }
  /** How many of a hundred get in. */
  const flood = (address: (n: number) => string | undefined): number =>
    Array.from({ length: 100 }, (_, n) => connect(address(n))).filter(Boolean).length
  const closeAll = () => {
    for (const socket of connections.splice(0)) socket.emit('close')
  }
  return { refused, connect, flood, closeAll }
}

test('one address gets a quarter of all connections, and others still get in', () => {
  const { flood, connect, refused } = startPlaces()
  expect(flood(() => '192.0.2.1')).toBe(10)
  expect(refused).toEqual({ all: 0, address: 90 })
  expect(connect('192.0.2.2')).toBe(true)
})

test('a connection that has closed makes room for another of its address', () => {
  const { flood, closeAll } = startPlaces()
  expect(flood(() => '192.0.2.1')).toBe(10)
  closeAll()
  expect(flood(() => '192.0.2.1')).toBe(10)
})

test('addresses of one IPv6 network count together, and so does an IPv4 address however it is shown', () => {
  const { flood, connect } = startPlaces()
  expect(flood((n) => `2001:db8:0:1::${n.toString(16)}`)).toBe(10)
  expect(connect('2001:db8:0:2::1')).toBe(true)
  expect(flood((n) => (n % 2 === 0 ? '192.0.2.1' : '::ffff:192.0.2.1'))).toBe(10)
})

test.each([
  ['this machine', () => '127.0.0.1'],
  ['this machine by IPv6', () => '::1'],
  ['this machine on a socket of both families', () => '::ffff:127.0.0.1'],
  ['a Unix socket', () => undefined],
  ['a proxy that is listed', () => '10.0.0.7'],
  ['a network of proxies that is listed', (n: number) => `10.1.0.${n}`],
  ['an IPv6 network that is listed', () => '2001:db8::5'],
])('%s has all connections, and no more', (_, address) => {
  const { flood, refused } = startPlaces(['10.0.0.7', '10.1.0.0/24', '2001:db8::/32'])
  expect(flood(address)).toBe(40)
  expect(refused).toEqual({ all: 60, address: 0 })
})
