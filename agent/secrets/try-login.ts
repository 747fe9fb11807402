import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { md5Answer, scramProof } from './scram.ts'

/** `not-asked`: the server wants no password, or would get it in clear text, as for LDAP, where a wrong one may lock an account. */
export type LoginOutcome = 'accepted' | 'refused' | 'not-asked'

export interface Login {
  /** A loopback address, one of this host, or the directory of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

/**
 * One login at PostgreSQL or pgBouncer by SCRAM-SHA-256 or md5, which is left as soon as the password was judged. The driver is not used, because it would
 * send a password in clear text when the server asks for that.
 * Source: PostgreSQL's manual, "Message Flow" and "SASL Authentication".
 * @throws PgherdError UNREACHABLE, TIMED_OUT; none has the password
 */
export function tryLogin(login: Login, timeoutMs: number): Promise<LoginOutcome> {
  const { host, port, user, database } = login
  const { promise, resolve, reject } = Promise.withResolvers<LoginOutcome>()
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  const end = (outcome: LoginOutcome): void => {
    socket.end(message('X', Buffer.alloc(0)))
    socket.destroySoon()
    resolve(outcome)
  }
  const fail = (code: 'UNREACHABLE' | 'TIMED_OUT', why: string): void => {
    socket.destroy()
    reject(new PgherdError(code, `${host}:${port}: ${why}`))
  }
  socket.setTimeout(timeoutMs, () => fail('TIMED_OUT', `silent for ${timeoutMs} ms`))
  socket.on('error', (error) => fail('UNREACHABLE', messageOf(error)))
  socket.on('close', () => fail('UNREACHABLE', 'the connection was closed'))
  socket.on('connect', () => {
    const words = ['user', user, 'database', database, 'application_name', 'pgherd', '', '']
    const body = Buffer.concat([int32(196_608), Buffer.from(words.slice(0, -1).join('\0') + '\0')])
    socket.write(Buffer.concat([int32(body.length + 4), body]))
  })
  const dialogue = createDialogue(login)
  let received = Buffer.alloc(0)
  socket.on('data', (part) => {
    received = Buffer.concat([received, part])
    while (received.length >= 5) {
      const length = received.readInt32BE(1) + 1
      // Nothing of a login is that long.
      if (length < 5 || length > 65_536) {
        fail('UNREACHABLE', 'it does not speak the protocol of PostgreSQL')
        return
      }
      if (received.length < length) return
      const next = dialogue(String.fromCharCode(received[0] ?? 0), received.subarray(5, length))
      received = received.subarray(length)
      if (typeof next === 'string') {
        end(next)
        return
      }
      if (next !== undefined) socket.write(next)
    }
  })
  return promise
}

/** @returns what to do with each message of the server: an outcome, an answer, or nothing */
function createDialogue({ user, password }: Login) {
  const nonce = randomBytes(18).toString('base64')
  const first = `n=,r=${nonce}`
  let isAsked = false
  return (type: string, body: Buffer): LoginOutcome | Buffer | undefined => {
    if (type === 'E') {
      // pgBouncer says so of its console after the password was right.
      const isOnlyBarred = /not allowed|no such database/i.test(body.toString())
      return !isAsked ? 'not-asked' : isOnlyBarred ? 'accepted' : 'refused'
    }
    if (type !== 'R') return undefined
    const rest = body.subarray(4)
    switch (body.readInt32BE(0)) {
      case 0:
        return isAsked ? 'accepted' : 'not-asked'
      case 5:
        isAsked = true
        return message('p', Buffer.from(`${md5Answer(user, password, rest)}\0`))
      case 10: {
        if (!rest.toString().split('\0').includes('SCRAM-SHA-256')) return 'not-asked'
        isAsked = true
        const initial = Buffer.from(`n,,${first}`)
        return message('p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), int32(initial.length), initial]))
      }
      case 11: {
        const challenge = rest.toString()
        const [, both, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d{1,6})$/.exec(challenge) ?? []
        if (both?.startsWith(nonce) !== true || salt === undefined) return 'not-asked'
        const last = `c=biws,r=${both}`
        const said = `${first},${challenge},${last}`
        const proof = scramProof(password, Buffer.from(salt, 'base64'), Number(iterations), said)
        return message('p', Buffer.from(`${last},p=${proof}`))
      }
      case 12:
        return 'accepted'
      default:
        return 'not-asked'
    }
  }
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
