import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { findProgram } from './find-program.ts'
import { createOwnDirectory } from './own-directory.ts'
import { freePort } from './ports.ts'
import { startChild } from './process.ts'
import { startWebhook } from './webhook.ts'

/** One alert as Alertmanager reports it to a webhook, narrowed to what tests look at. */
export interface NotifiedAlert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

const notification = z.object({
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
})

export interface Alertmanager extends AsyncDisposable {
  readonly url: string
  readonly logFile: string
  /** Every alert it has sent on so far, in order of arrival. */
  notified(): readonly NotifiedAlert[]
  /** What it has posted to its receiver so far, as it was. */
  readonly bodies: readonly unknown[]
}

/**
 * Starts a real Alertmanager, alone in its cluster, that passes every alert on at once to a receiver of ours.
 * @returns undefined when it is not installed
 */
export async function startAlertmanager(
  options: {
    directory?: string
    /** Its whole configuration, YAML; the one above unless told. */
    config?: (webhookUrl: string) => string
  } = {},
): Promise<Alertmanager | undefined> {
  const command = findProgram('prometheus-alertmanager', 'alertmanager')
  if (command === undefined) return undefined
  const own = createOwnDirectory(
    options.directory === undefined ? { prefix: 'pgherd-alertmanager-' } : { path: options.directory },
  )
  const directory = own.path
  const webhook = await startWebhook()
  const configFile = join(directory, 'alertmanager.yml')
  const logFile = join(directory, 'alertmanager.log')
  // JSON is YAML.
  writeFileSync(
    configFile,
    options.config?.(webhook.url) ??
      JSON.stringify({
        route: {
          receiver: 'testbed',
          group_by: ['...'],
          group_wait: '0s',
          group_interval: '1s',
          repeat_interval: '1h',
        },
        receivers: [{ name: 'testbed', webhook_configs: [{ url: webhook.url, send_resolved: true }] }],
      }),
  )
  const remove = async (): Promise<void> => {
    await webhook[Symbol.asyncDispose]()
    own[Symbol.dispose]()
  }
  try {
    const url = `http://127.0.0.1:${await freePort()}`
    const child = await startChild({
      name: 'Alertmanager',
      command,
      args: [
        `--config.file=${configFile}`,
        `--storage.path=${join(directory, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
        // Empty: no gossip port.
        '--cluster.listen-address=',
      ],
      logFile,
    })
    await child.waitFor('it is ready', async () => {
      const answer = await fetch(`${url}/-/ready`).catch(() => undefined)
      return answer?.ok
    })
    return {
      url,
      logFile,
      bodies: webhook.received,
      notified: () => webhook.received.flatMap((body) => notification.parse(body).alerts),
      async [Symbol.asyncDispose]() {
        await child.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
