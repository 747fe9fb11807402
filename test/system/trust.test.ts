import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpClient } from '../../common/http-client.ts'
import { joinTokenAnswer } from '../../common/wire/tokens.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import { freePort } from '../../testbed/ports.ts'
import { hasVmProgram, startVmagent } from '../../testbed/vm-programs.ts'

const run = promisify(execFile)

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-trust-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function initArguments(store: string): readonly string[] {
  return ['collector/main.ts', 'init', '--store-directory', store, '--name', 'collector.example']
}

test.skipIf(!hasVmProgram('vmagent'))(
  'from init to the samples of a vmagent with a token, over TLS; a token of admin-token counts at once',
  async () => {
    const directory = temporaryDirectory()
    const store = join(directory, 'collector', 'store')
    const init = await run(process.execPath, [...initArguments(store)])
    const admin = /^pgh_.*$/m.exec(init.stdout)?.[0] ?? ''
    const port = await freePort()
    await using collector = await startCollector({
      directory: join(directory, 'collector'),
      extraConfig: { 'http.listen': `127.0.0.1:${port}`, 'rules.files': [] },
    })
    const url = `https://127.0.0.1:${port}`
    const ca = join(store, 'trust', 'ca.pem')
    using http = createHttpClient({ tls: { ca: readFileSync(ca, 'utf8') } })
    const ask = async (token: string, path: string, body?: object) => {
      const answer = await http.send({
        method: body === undefined ? 'GET' : 'POST',
        url: `${url}${path}`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs: 5_000,
        maxAnswerBytes: 1 << 20,
      })
      return { status: answer.status, text: Buffer.from(answer.body).toString() }
    }

    const made = await ask(admin, '/api/v1/tokens', { name: 'vmagent', role: 'writer' })
    const { token } = (JSON.parse(made.text) as { data: { token: string } }).data
    const tokenFile = join(directory, 'token')
    writeFileSync(tokenFile, token)
    await using stack = new AsyncDisposableStack()
    const vmagent = await startVmagent({
      directory: join(directory, 'vmagent'),
      targets: [`127.0.0.1:${collector.port}`],
      writeUrl: `${url}/api/v1/write`,
      flags: [`-remoteWrite.bearerTokenFile=${tokenFile}`, `-remoteWrite.tlsCAFile=${ca}`],
    })
    stack.use(vmagent)
    await expect
      .poll(async () => (await ask(admin, '/api/v1/query?query=up{job="drill"}')).text, { timeout: 20_000 })
      .toContain('"drill"')
    expect((await ask(token, '/api/v1/query?query=up')).status).toBe(403)

    const recovered = await run(process.execPath, [
      'collector/main.ts',
      'admin-token',
      '--store-directory',
      store,
    ])
    const offered = await ask(recovered.stdout.trim(), '/api/v1/nodes/pg-main-1/join-token', {})
    expect(joinTokenAnswer.parse(JSON.parse(offered.text)).data.node).toBe('pg-main-1')
  },
)
