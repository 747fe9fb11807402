import { randomUUID } from 'node:crypto'
import type { Registry } from 'prom-client'
import type { NotifyView } from '../common/alerts/notify-view.ts'
import type { AuditFact } from '../common/audit/entry.ts'
import type { Clock } from '../common/clock.ts'
import { accessOf } from '../common/config/access-options.ts'
import { hidePassword } from '../common/config/kinds.ts'
import { printHostAndPort } from '../common/listen-on.ts'
import type { Log } from '../common/log.ts'
import type { CollectorConfig } from './config.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { SilenceService } from './http/silence-service.ts'
import { createAlertmanagerNotifier } from './rules/notify/alertmanager.ts'
import { createAlertmanagerClient } from './rules/notify/alertmanager-client.ts'
import { createEmailTarget } from './rules/notify/own/email-target.ts'
import { loadRouting } from './rules/notify/own/load-routing.ts'
import type { Routing } from './rules/notify/own/load-routing.ts'
import type { NotifyTarget } from './rules/notify/own/notification.ts'
import { createOwnNotifier } from './rules/notify/own/own-notifier.ts'
import type { TargetView } from './rules/notify/own/own-notifier.ts'
import { createWebhookTarget } from './rules/notify/own/webhook-target.ts'
import type { AlertNotification } from './rules/rule-types.ts'
import { createRemoteSilences } from './rules/silences/remote-silences.ts'
import { openSilenceBook } from './rules/silences/silence-book.ts'

/** Where nobody is told by the collector itself. */
const noRouting: Routing = {
  root: {
    ...{ key: '{}', fits: () => true, groupBy: [], routes: [] },
    ...{ groupWaitMs: 0, groupIntervalMs: 0, repeatIntervalMs: 0 },
  },
  inhibitRules: [],
}

/** How alerts go out: to Alertmanagers, or to people by the collector itself. */
export interface Notify extends AsyncDisposable {
  readonly notify: (notifications: readonly AlertNotification[]) => void
  readonly silences: SilenceService
  view(signal: AbortSignal): Promise<NotifyView>
  /** Addresses without passwords. */
  readonly alertmanagers: readonly string[]
}

/** @throws PgherdError CONFIG_INVALID for a routing file that cannot be used */
export async function openNotify(
  config: CollectorConfig,
  parts: {
    readonly fleet: Fleet
    readonly audit: (fact: AuditFact) => Promise<unknown>
    readonly clock: Clock
    readonly log: Log
    readonly registry: Registry
  },
): Promise<Notify> {
  await using stack = new AsyncDisposableStack()
  const { fleet, audit, ...surroundings } = parts
  const endpoints = [
    ...config['alertmanager.urls'].map((url) => ({ url })),
    ...config['alertmanager.endpoints'].map((one) => ({ url: one.url, ...accessOf(one) })),
  ]
  const clients = endpoints.map((endpoint) => stack.use(createAlertmanagerClient(endpoint)))
  const alertmanagers = stack.use(createAlertmanagerNotifier({ ...surroundings, clients }))
  const targets = targetsOf(config, parts.clock)
  const isOwn = targets.length > 0
  const book = openSilenceBook({ database: fleet.database, clock: parts.clock, audit, newId: randomUUID })
  const own = stack.use(
    createOwnNotifier({
      ...surroundings,
      targets,
      database: fleet.database,
      isSilenced: (labels) => book.isSilenced(labels),
      routing: isOwn ? await loadRouting(config['notify.routing_file']) : noRouting,
    }),
  )
  const hasAlertmanager = clients.length > 0
  const view = async (signal: AbortSignal): Promise<NotifyView> => {
    const states = own.look()
    const server = config['notify.email.server']
    const webhooks = states
      .slice(0, config['notify.webhooks'].length)
      .map((one) => ({ url: one.name, ...stateOf(one) }))
    // The others of the targets, one for each person.
    const mails = states.slice(webhooks.length)
    return {
      via: hasAlertmanager ? 'alertmanager' : isOwn ? 'own' : 'nobody',
      silences: hasAlertmanager ? 'alertmanager' : 'own',
      alertmanagers: [...(await alertmanagers.look(signal))],
      webhooks,
      email:
        server === undefined
          ? null
          : {
              server: printHostAndPort(server),
              from: config['notify.email.from'] ?? '',
              to: [...config['notify.email.to']],
              ...togetherOf(mails),
            },
    }
  }
  const owned = stack.move()
  return {
    notify: hasAlertmanager ? alertmanagers.notify : own.notify,
    silences: hasAlertmanager
      ? createRemoteSilences({ clients, audit })
      : {
          list: (filters) => Promise.resolve(book.list(filters)),
          one: (id) => Promise.resolve(book.one(id)),
          set: (silence, by) => book.set(silence, by),
          end: (id, by) => book.end(id, by),
        },
    view,
    alertmanagers: endpoints.map(({ url }) => hidePassword(url)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function stateOf({ up, lastSentMs, lastError, lastErrorMs, waiting }: TargetView) {
  return { up, lastSentMs, lastError, lastErrorMs, waiting }
}

/** Well when all of them are; of those that are not, what went wrong last. */
function togetherOf(states: readonly TargetView[]) {
  const down = states.filter(({ up }) => up === false)
  const newest = (given: readonly TargetView[], time: 'lastSentMs' | 'lastErrorMs') =>
    given.toSorted((a, b) => (b[time] ?? 0) - (a[time] ?? 0))[0]
  const wrong = newest(down.length > 0 ? down : states, 'lastErrorMs')
  return {
    up: down.length > 0 ? false : states.some(({ up }) => up === true) ? true : null,
    lastSentMs: newest(states, 'lastSentMs')?.lastSentMs ?? null,
    lastError: wrong?.lastError ?? null,
    lastErrorMs: wrong?.lastErrorMs ?? null,
    waiting: states.reduce((sum, { waiting }) => sum + waiting, 0),
  }
}

/** The webhooks in their order, then the mail to each person. */
function targetsOf(config: CollectorConfig, clock: Clock): readonly NotifyTarget[] {
  const externalUrl = config['http.external_url'] ?? ''
  const server = config['notify.email.server']
  const { 'notify.email.username': username, 'notify.email.password_file': passwordFile } = config
  const webhooks = config['notify.webhooks'].map((one) =>
    createWebhookTarget({ url: one.url, ...accessOf(one) }, { externalUrl, clock }),
  )
  if (server === undefined) return webhooks
  const mails = [...new Set(config['notify.email.to'])].map((to) =>
    createEmailTarget({
      server,
      tls: config['notify.email.tls'],
      from: config['notify.email.from'] ?? '',
      to,
      auth: username !== undefined && passwordFile !== undefined ? { username, passwordFile } : undefined,
      caFile: config['notify.email.ca_file'],
      externalUrl,
    }),
  )
  return [...webhooks, ...mails]
}
