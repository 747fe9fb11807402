import { connect } from 'node:net'
import { geteuid } from 'node:process'
import { PgherdError } from '../../../common/errors.ts'
import { encodeCall } from './dbus-call.ts'
import type { BusCall } from './dbus-call.ts'
import { createBusFrames } from './dbus-frames.ts'
import type { BusReply } from './dbus-frames.ts'
import { malformedBus, readString } from './dbus-read.ts'
import type { BusCursor } from './dbus-read.ts'

export interface BusSocket {
  readonly path: string
  /** systemd itself listens there, without a bus between; false for dbus-daemon and dbus-broker. */
  readonly isDirect: boolean
}

export interface BusConnection extends Disposable {
  /** False as soon as it is lost or disposed; it never opens again. */
  readonly isOpen: boolean
  /** Settles when calls can be made. Rejects with what connect(2) said or as `call` does. */
  readonly ready: Promise<void>
  /**
   * @param signature what the result must be; anything else ends the connection
   * @param decode reads the result; it may keep nothing of the cursor
   * @throws PgherdError REFUSED for an error reply, with its name in `details.busError`; BAD_DATA for what is no
   * D-Bus; UNREACHABLE when the connection is lost first. There is no deadline: who has one disposes.
   */
  call<T>(call: BusCall, signature: string, decode: (body: BusCursor) => T): Promise<T>
}

interface Waiting {
  accept(reply: BusReply): void
  reject(error: Error): void
}

const busItself = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
}
const maxAuthLineBytes = 512

/**
 * A client of a D-Bus socket for method calls with strings and nothing else: no signals, no objects of our own, no
 * descriptors. It is our own because the D-Bus libraries for Node are no longer maintained, and because what a
 * broken peer sends must not stop the agent. Protocol: D-Bus Specification, "Authentication Protocol" (EXTERNAL,
 * the kernel says who we are) and "Message Protocol".
 */
export function connectBus(target: BusSocket): BusConnection {
  const socket = connect({ path: target.path })
  const waiting = new Map<number, Waiting>()
  let serial = 0
  let failure: Error | undefined
  let authLine = Buffer.alloc(0)
  let isAuthenticated = false
  let becomeReady: () => void = () => undefined
  let failReady: (error: Error) => void = () => undefined
  const ready = new Promise<void>((resolve, reject) => {
    becomeReady = resolve
    failReady = reject
  })
  // Whoever waits for it gets the rejection; nobody has to.
  ready.catch(() => undefined)

  const end = (error: Error): void => {
    if (failure !== undefined) return
    failure = error
    socket.destroy()
    failReady(error)
    for (const one of waiting.values()) one.reject(error)
    waiting.clear()
  }

  const frames = createBusFrames((reply) => {
    const one = waiting.get(reply.serial)
    waiting.delete(reply.serial)
    one?.accept(reply)
  })

  const call = <T>(what: BusCall, signature: string, decode: (body: BusCursor) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure)
        return
      }
      serial = serial === 0xffff_ffff ? 1 : serial + 1
      waiting.set(serial, {
        reject,
        accept(reply) {
          // What is malformed is this call's error too, and then everybody's: the stream is lost.
          try {
            if (reply.errorName !== undefined) reject(refusal(what, reply.errorName, reply))
            else if (reply.signature !== signature) {
              throw malformedBus(`${what.member} answers ${reply.signature.slice(0, 32)}, not ${signature}`)
            } else resolve(decode(reply.body))
          } catch (error) {
            reject(error instanceof Error ? error : malformedBus(String(error)))
            throw error
          }
        },
      })
      socket.write(encodeCall(what, serial))
    })

  const authenticate = (chunk: Buffer): void => {
    authLine = Buffer.concat([authLine, chunk])
    const lineEnd = authLine.indexOf('\r\n')
    if (lineEnd < 0) {
      if (authLine.length > maxAuthLineBytes) throw malformedBus('the authentication has no line end')
      return
    }
    const line = authLine.toString('latin1', 0, Math.min(lineEnd, 64))
    if (!line.startsWith('OK ')) {
      throw new PgherdError('REFUSED', `the message bus at ${target.path} refuses us: ${printable(line)}`)
    }
    const rest = authLine.subarray(lineEnd + 2)
    authLine = Buffer.alloc(0)
    isAuthenticated = true
    if (target.isDirect) becomeReady()
    else call({ ...busItself, member: 'Hello' }, 's', readString).then(becomeReady, end)
    frames(rest)
  }

  // The zero byte carries our credentials on systems that need one; the user id is hexadecimal text. BEGIN does not
  // wait for OK, as in systemd's own client: systemd forgets a call that it reads together with BEGIN until something
  // else arrives.
  const identity = Buffer.from(String(geteuid?.() ?? 0)).toString('hex')
  socket.once('connect', () => socket.write(`\0AUTH EXTERNAL ${identity}\r\nBEGIN\r\n`))
  socket.on('data', (chunk: Buffer) => {
    try {
      if (isAuthenticated) frames(chunk)
      else authenticate(chunk)
    } catch (error) {
      end(error instanceof Error ? error : malformedBus(String(error)))
    }
  })
  socket.on('error', end)
  socket.on('close', () => {
    end(new PgherdError('UNREACHABLE', `the message bus at ${target.path} closed the connection`))
  })

  return {
    get isOpen() {
      return failure === undefined
    },
    ready,
    call,
    [Symbol.dispose]() {
      end(new PgherdError('CANCELLED', `the connection to ${target.path} was closed`))
    },
  }
}

/** The name of an error reply: `org.freedesktop.DBus.Error.UnknownMethod`. */
export function busErrorOf(error: unknown): string | undefined {
  if (!(error instanceof PgherdError)) return undefined
  const name = error.details['busError']
  return typeof name === 'string' ? name : undefined
}

function refusal(call: BusCall, errorName: string, reply: BusReply): PgherdError {
  const text = reply.signature.startsWith('s') ? readString(reply.body) : ''
  const said = printable(text === '' ? errorName : text).slice(0, 200)
  return new PgherdError('REFUSED', `${call.member} on the message bus: ${said}`, {
    details: { busError: errorName },
  })
}

/** Only what a log can take. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
