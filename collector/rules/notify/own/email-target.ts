import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { PgherdError, messageOf, systemCodeOf } from '../../../../common/errors.ts'
import { emailText } from './email-text.ts'
import type { NotifyTarget } from './notification.ts'

export interface EmailOptions {
  readonly server: { readonly host: string; readonly port: number }
  /** `starttls` is required and not only offered; `none` sends everything in clear text. */
  readonly tls: 'starttls' | 'implicit' | 'none'
  readonly from: string
  /** One person: a message to several that is refused for one would come again to all the others. */
  readonly to: string
  /** The password is the first line of a file that is read for each message. */
  readonly auth?: { readonly username: string; readonly passwordFile: string } | undefined
  /** Whom to trust instead of the system's authorities, PEM. */
  readonly caFile?: string | undefined
  readonly externalUrl: string
  /** Bound of a whole message; a minute unless told. */
  readonly messageMs?: number
  /** In [0, 1), for the names of messages. */
  readonly random?: () => number
}

/** Of each step, in which a server may still say that it goes on; of all of them. */
const timeoutMs = 20_000
const messageMs = 60_000

/** Tells somebody by e-mail, over a mail server that takes mail from us (a smarthost). */
export function createEmailTarget(options: EmailOptions): NotifyTarget {
  const { server, tls, from, to } = options
  const name = `mail ${server.host}:${server.port} for ${to}`
  const random = options.random ?? Math.random
  return {
    name,
    key: `email ${createHash('sha256')
      .update(JSON.stringify([server, to]))
      .digest('hex')
      .slice(0, 16)}`,
    async send(notification, signal) {
      const pass = options.auth === undefined ? undefined : await firstLine(options.auth.passwordFile)
      const ca = options.caFile === undefined ? undefined : await read(options.caFile)
      // Only those who send mail pay for the library.
      const { createTransport } = await import('nodemailer')
      const transport = createTransport({
        ...server,
        secure: tls === 'implicit',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'none',
        ...(options.auth === undefined ? {} : { auth: { user: options.auth.username, pass: pass ?? '' } }),
        ...(ca === undefined ? {} : { tls: { ca } }),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        // A text is never read from a file or an address that it happens to name.
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      const { subject, text, thread } = emailText(notification, options.externalUrl)
      const id = Math.floor(random() * 2 ** 48).toString(16)
      const close = (): void => transport.close()
      signal.addEventListener('abort', close, { once: true })
      try {
        await transport.sendMail({
          from,
          to,
          subject,
          text,
          messageId: `<${thread}.${id}@pgherd>`,
          inReplyTo: `<${thread}@pgherd>`,
          references: `<${thread}@pgherd>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.any([signal, AbortSignal.timeout(options.messageMs ?? messageMs)]),
        })
      } catch (error) {
        if (error instanceof PgherdError) throw error
        throw new PgherdError('UNREACHABLE', `${name}: ${withoutSecret(messageOf(error), pass)}`)
      } finally {
        signal.removeEventListener('abort', close)
        close()
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** A mail server may quote what it was sent. The error itself has the dialogue and is not passed on. */
function withoutSecret(text: string, secret: string | undefined): string {
  const short = text.replace(/\s+/g, ' ').slice(0, 500)
  if (secret === undefined || secret === '') return short
  return short.replaceAll(secret, '***').replaceAll(Buffer.from(secret).toString('base64'), '***')
}

async function firstLine(file: string): Promise<string> {
  return (await read(file)).split('\n', 1)[0]!.trimEnd()
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `cannot read ${file}: ${systemCodeOf(error) ?? messageOf(error)}`)
  }
}
