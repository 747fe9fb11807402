import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { HttpClient } from '../../common/http-client.ts'
import type { DefaultPassword, DefaultPasswordsReport } from '../../common/insight/default-passwords.ts'
import type { KnownPassword } from '../../common/known-passwords/known-passwords.ts'
import type { Log } from '../../common/log.ts'
import type { Figure } from '../../common/self-metrics.ts'
import type { Look } from './candidate.ts'
import { isSame, nothingKept, readFindings, writeFindings } from './kept-findings.ts'
import { lookAtFile } from './look-at-files.ts'
import type { SecretFile } from './look-at-files.ts'
import { lookAtServer } from './look-at-postgres.ts'
import type { WatchedServer } from './look-at-postgres.ts'
import { lookAtWeb } from './look-at-web.ts'
import type { WebService } from './look-at-web.ts'

export interface WatchPasswordsOptions {
  readonly known: readonly KnownPassword[]
  readonly servers: readonly WatchedServer[]
  readonly web: readonly WebService[]
  readonly files: readonly SecretFile[]
  /** Where findings are kept. */
  readonly keptIn: string
  readonly afterMs: number
  readonly everyMs: number
  readonly http: HttpClient
  /** What has changed since the look before. */
  readonly tell: (report: DefaultPasswordsReport) => void
  readonly clock: Clock
  readonly log: Log
}

export interface PasswordWatch {
  readonly figures: readonly Figure[]
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** Looks rarely whether services of this host take passwords that everybody may know. What it tells has none of them. */
export function watchPasswords(options: WatchPasswordsOptions): PasswordWatch {
  const { known, clock, log, keptIn, http } = options
  let kept = nothingKept

  const look = async (signal: AbortSignal): Promise<void> => {
    const turn = kept.turn + 1
    const about = { turn, signal }
    const looks = [
      ...options.servers.map(
        (one) => [one.kind, `${one.host}:${one.port}`, () => lookAtServer(one, known, about)] as const,
      ),
      ...options.web.map(
        (one) =>
          [
            one.service,
            new URL(one.origin).host,
            () => lookAtWeb(one, known, { ...about, http, nowMs: () => clock.now() }),
          ] as const,
      ),
      ...options.files.map(
        (one) =>
          [undefined, one.path, async () => ({ found: await lookAtFile(one, known), open: [] })] as const,
      ),
    ]
    const now: DefaultPassword[] = []
    const before = kept.findings
    // One after the other: nobody waits for it, and no service is asked by several at once.
    for (const [service, address, ask] of looks) {
      if (signal.aborted) return
      const seen = await orUnknown(ask)
      const here = before.filter((one) => one.address === address && one.service === (service ?? one.service))
      const open = here.filter(({ user }) => seen === undefined || seen.open.includes(user))
      now.push(
        ...(seen?.found ?? []),
        ...open.filter((one) => seen?.found.some((found) => isSame(found, one)) !== true),
      )
    }
    const found = now.filter((one) => !before.some((known) => isSame(known, one)))
    const gone = before.filter((one) => !now.some((known) => isSame(known, one)))
    kept = { lookedMs: clock.now(), turn, findings: now }
    await writeFindings(keptIn, kept)
    for (const one of found) log.warn({ ...one }, 'secrets: a service takes a well-known password')
    if (found.length + gone.length > 0) options.tell({ found, gone })
  }

  const orUnknown = async (ask: () => Promise<Look | undefined>): Promise<Look | undefined> => {
    try {
      return await ask()
    } catch (error) {
      // Most of the places are those where a service would be.
      log.debug({ error: messageOf(error) }, 'secrets: a service could not be looked at')
      return undefined
    }
  }

  return {
    figures: [
      {
        name: 'pgherd_default_passwords',
        help: 'A login or key of a service of this host that is a well-known default or sample: 1 for each.',
        labels: ['service', 'address', 'user', 'set'],
        read: () =>
          kept.findings.map(({ service, address, user, set }) => ({
            labels: { service, address, user, set },
            value: 1,
          })),
      },
      {
        name: 'pgherd_default_passwords_looked_timestamp_seconds',
        help: 'When services of this host were last tried with well-known passwords; 0 before the first look.',
        read: () => kept.lookedMs / 1000,
      },
    ],
    async run(signal) {
      kept = await readFindings(keptIn)
      const isOver = (): boolean => signal.aborted
      while (!isOver()) {
        const dueMs = Math.max(options.afterMs, kept.lookedMs + options.everyMs - clock.now())
        await clock.sleep(dueMs, signal).catch(() => undefined)
        if (isOver()) return
        await look(signal).catch((error: unknown) => {
          kept = { ...kept, lookedMs: clock.now() }
          log.warn({ error: messageOf(error) }, 'secrets: what was found could not be kept')
        })
      }
    },
  }
}
