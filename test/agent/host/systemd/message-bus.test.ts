import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectBus } from '../../../../agent/host/systemd/dbus-connection.ts'
import { readString } from '../../../../agent/host/systemd/dbus-read.ts'
import { createSystemdReader } from '../../../../agent/host/systemd/systemd-reader.ts'
import type { SystemdReader } from '../../../../agent/host/systemd/systemd-reader.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { Clock } from '../../../../common/clock.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { startChild } from '../../../../testbed/process.ts'
import type { Child } from '../../../../testbed/process.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { createManualClock, settled } from '../../../manual-clock.ts'
import { errorReply, helloReply, unitsReply } from './recorded.ts'

const daemon = findProgram('dbus-daemon')

function ownPath(name: string): string {
  const own = createOwnDirectory({ prefix: 'pgherd-bus-' })
  onTestFinished(() => own[Symbol.dispose]())
  return join(own.path, name)
}

async function startBus(path: string, rules = '<auth>EXTERNAL</auth>'): Promise<Child> {
  const config = `${path}.conf`
  writeFileSync(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
      "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig><listen>unix:path=${path}</listen>${rules}
    <policy context="default">
      <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
    </policy></busconfig>`,
  )
  const args = [`--config-file=${config}`, '--nofork', '--nopidfile', '--nosyslog']
  const child = await startChild({ name: 'dbus-daemon', command: daemon!, args, logFile: `${path}.log` })
  onTestFinished(() => child[Symbol.asyncDispose]())
  await child.waitFor('the bus listens', () => listens(path))
  return child
}

async function listens(path: string): Promise<boolean> {
  const socket = connect({ path })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function readerAt(path: string, clock: Clock = systemClock): SystemdReader {
  const reader = createSystemdReader({ clock, sockets: [{ path, isDirect: false }] })
  onTestFinished(() => reader[Symbol.asyncDispose]())
  return reader
}

describe.skipIf(daemon === undefined)('a real dbus-daemon', () => {
  test('lets us in by the user that we are, and answers a call', async () => {
    const path = ownPath('bus')
    await startBus(path)
    using connection = connectBus({ path, isDirect: false })
    await connection.ready
    const bus = {
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
    }
    const id = await connection.call({ ...bus, member: 'GetId' }, 's', readString)
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    const owner = connection.call({ ...bus, member: 'GetNameOwner', args: ['org.pgherd'] }, 's', readString)
    await expect(owner).rejects.toMatchObject({
      code: 'REFUSED',
      details: { busError: 'org.freedesktop.DBus.Error.NameHasNoOwner' },
    })
    const wrong = connection.call({ ...bus, member: 'GetId', args: [['more'], 'than', []] }, 's', readString)
    await expect(wrong).rejects.toMatchObject({
      details: { busError: 'org.freedesktop.DBus.Error.InvalidArgs' },
    })
    const other = connection.call({ ...bus, member: 'GetId' }, 'as', () => 0)
    await expect(other).rejects.toMatchObject({ code: 'BAD_DATA' })
    expect(connection.isOpen).toBe(false)
  })

  test('without systemd on it there is nothing to measure, and that is no error', async () => {
    const path = ownPath('bus')
    await startBus(path)
    expect(await readerAt(path).read(5000)).toBeUndefined()
  })

  test('that does not know EXTERNAL refuses us, which is said', async () => {
    const path = ownPath('bus')
    await startBus(path, '<auth>DBUS_COOKIE_SHA1</auth>')
    await expect(readerAt(path).read(5000)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('REJECTED') as string,
    })
  })

  test('that goes away while a connection is open is absent afterwards', async () => {
    const path = ownPath('bus')
    const child = await startBus(path)
    using connection = connectBus({ path, isDirect: false })
    await connection.ready
    await child.stop('SIGKILL')
    await waitFor('the end is seen', () => !connection.isOpen)
    expect(await readerAt(path).read(5000)).toBeUndefined()
  })
})

test('a socket that is not there or has nobody behind it is no error', async () => {
  expect(await readerAt(ownPath('nothing')).read(5000)).toBeUndefined()
  const file = ownPath('file')
  writeFileSync(file, '')
  expect(await readerAt(file).read(5000)).toBeUndefined()
})

// No real bus is as broken as this, so these peers are made up; what they send was recorded from real ones.
describe('a peer that is not what it should be', () => {
  async function peer(
    onData: (socket: Socket, turn: number) => void,
    path = ownPath('peer'),
  ): Promise<string> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      let turn = 0
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('data', () => onData(socket, turn++))
    })
    await new Promise<void>((done) => server.listen(path, done))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return path
  }

  test('silence ends at the deadline, and the connection with it', async () => {
    const closed = Promise.withResolvers<undefined>()
    const asked = Promise.withResolvers<undefined>()
    const path = await peer((socket) => {
      socket.once('close', closed.resolve)
      asked.resolve(undefined)
    })
    const clock = createManualClock()
    const reading = readerAt(path, clock).read(300)
    const failed = expect(reading).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await asked.promise
    await clock.advance(300)
    await failed
    await closed.promise
    await settled()
    expect(clock.sleepers).toBe(0)
  })

  test.each([
    ['text without a line end', Buffer.alloc(10_000, 'x'), 'BAD_DATA'],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'REFUSED'],
    ['garbage after OK', Buffer.from(`OK 1\r\n${'?'.repeat(100)}`), 'BAD_DATA'],
  ])('%s is refused', async (_, bytes, code) => {
    const path = await peer((socket) => socket.write(bytes))
    await expect(readerAt(path).read(5000)).rejects.toMatchObject({ code })
  })

  test('a lost connection is an error once, and then a new one is opened', async () => {
    let connections = 0
    const path = await peer((socket, turn) => {
      if (turn === 0) connections++
      if (turn === 0) socket.write('OK 1\r\n')
      else socket.destroy()
    })
    const reader = readerAt(path)
    await expect(reader.read(5000)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await expect(reader.read(5000)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(connections).toBe(2)
  })

  test('where there never was anybody it is looked for once a minute', async () => {
    const path = ownPath('peer')
    const clock = createManualClock()
    const reader = readerAt(path, clock)
    expect(await reader.read(5000)).toBeUndefined()
    await peer((socket) => socket.write('no\r\n'), path)
    await clock.advance(59_000)
    expect(await reader.read(5000)).toBeUndefined()
    await clock.advance(1000)
    await expect(reader.read(5000)).rejects.toMatchObject({ code: 'REFUSED' })
  })

  test('a list that is no list of units is refused', async () => {
    const path = await peer((socket, turn) => {
      if (turn === 0) socket.write('OK 1\r\n')
      else if (turn === 1) socket.write(helloReply)
      else socket.write(changed(errorReply, (bytes) => bytes.writeUInt8(2, 1)))
    })
    await expect(readerAt(path).read(5000)).rejects.toMatchObject({ code: 'BAD_DATA' })
  })

  test('a name that could be no unit is refused', async () => {
    const path = await peer((socket, turn) => {
      if (turn === 0) socket.write('OK 1\r\n')
      else if (turn === 1) socket.write(helloReply)
      else socket.write(changed(unitsReply, (bytes) => bytes.write('\n', bytes.indexOf('dbus.socket'))))
    })
    await expect(readerAt(path).read(5000)).rejects.toMatchObject({ code: 'BAD_DATA' })
  })

  function changed(reply: Buffer, change: (bytes: Buffer) => void): Buffer {
    const bytes = Buffer.from(reply)
    change(bytes)
    return bytes
  }
})
