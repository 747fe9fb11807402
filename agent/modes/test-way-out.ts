import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hidePassword } from '../../common/config/kinds.ts'
import { messageOf, systemCodeOf } from '../../common/errors.ts'
import { createHttpClient } from '../../common/http-client.ts'
import type { TlsFiles } from '../../common/http-client.ts'
import { readTlsFiles } from '../../common/http-credentials.ts'
import type { AgentConfig } from '../config.ts'
import { credentialPaths, readCredentials } from '../trust/credential-files.ts'
import type { TestReport } from './test-report.ts'

const timeoutMs = 5_000

/** Whether the spool can be written, without opening it: the agent may be running. */
export async function testDirectory(directory: string, report: TestReport): Promise<void> {
  for (let path = directory; ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK | constants.X_OK)
      report.good(path === directory ? `spool ${directory}` : `spool ${directory} can be created in ${path}`)
      return
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT' && path !== dirname(path)) continue
      report.bad(`spool ${directory}: ${messageOf(error)}`)
      return
    }
  }
}

/** The collector, as the agent shows itself to it: over TLS by the certificate that it has joined with. */
export async function testCollector(config: AgentConfig, report: TestReport): Promise<void> {
  const url = `${config['collector.url']}/api/v1/write`
  if (!url.startsWith('https:')) return testReceiver(url, 'the collector', report)
  const directory = config['tls.directory']
  try {
    if ((await readCredentials(directory)) === undefined) {
      report.missing(
        'the collector: this host has not joined its fleet',
        'pgherd-agent join, or setup --join',
      )
      return
    }
    await testReceiver(url, 'the collector', report, await readTlsFiles(credentialPaths(directory)))
  } catch (error) {
    report.bad(`the certificate in ${directory}: ${messageOf(error)}`)
  }
}

/** Whether somebody answers there; what he answers to an empty request says nothing about a full one. */
export async function testReceiver(
  url: string,
  what: string,
  report: TestReport,
  tls?: TlsFiles,
): Promise<void> {
  using http = createHttpClient({ connections: 1, ...(tls === undefined ? {} : { tls }) })
  try {
    const { status } = await http.send({ method: 'GET', url, timeoutMs, maxAnswerBytes: 64 * 1024 })
    report.good(`${what} at ${hidePassword(url)} answers (status ${status} to a GET)`)
  } catch (error) {
    report.bad(`${what} at ${hidePassword(url)}: ${messageOf(error)}`)
  }
}
