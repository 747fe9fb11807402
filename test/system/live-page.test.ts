import { readFile } from 'node:fs/promises'
import { createServer, request as ask } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { hasChromium, launchChromium } from './chromium.ts'
import { canBackUp, startWebHerd } from './web-herd.ts'
import type { WebHerd } from './web-herd.ts'

/** What shows that a page has its data, and not only its frame. */
const pages: readonly (readonly [string, string])[] = [
  ['/', '[data-cluster=pg-web][data-level=ok] [data-node=pg-web-2] .lag'],
  ['/c/pg-web', '[data-edge].edge-well'],
  ['/alerts', '[data-alert=ServerAnswers]'],
  ['/commands', '[data-state=done]'],
  ['/tuning', '[data-server=pg-web-1] [data-setting]'],
  ...(canBackUp ? [['/backups', '[data-backups=pg-web] [data-kind=full]'] as const] : []),
  ['/d/pgherd-instance?var-cls=pg-web&var-ins=pg-web-1', '[data-panel] canvas'],
  ['/explore', '.cm-editor'],
]

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describe.skipIf(!hasChromium)('the page that the collector serves, with the data of a living herd', () => {
  const owned = new AsyncDisposableStack()
  let herd: WebHerd
  let browser: Browser
  let axe: string
  beforeAll(async () => {
    axe = await readFile(axeFile, 'utf8')
    browser = owned.adopt(await launchChromium(), (started) => started.close())
    herd = owned.use(await startWebHerd())
  })
  afterAll(() => owned.disposeAsync())

  /** A tab that notes what the browser complains about: errors, refused styles and scripts, and requests to elsewhere. */
  async function open(base: string, path: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (sent) => {
      if (!sent.url().startsWith(base)) complaints.push(`request to ${sent.url()}`)
    })
    await page.goto(base + path)
    return { page, complaints }
  }

  /** What axe finds that keeps somebody from using the page; all of its rules unless told. */
  async function obstacles(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
    await page.evaluate(axe)
    return page.evaluate(async (only) => {
      const { violations } = await (
        globalThis as unknown as {
          axe: {
            run(
              options: object,
            ): Promise<{ violations: { impact: string; id: string; nodes: { html: string }[] }[] }>
          }
        }
      ).axe.run(only === undefined ? {} : { runOnly: only })
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(', ')}`)
    }, rules)
  }

  test.each(pages)(
    '%s has its data, no complaint, no obstacle, and room on a small screen',
    async (path, ready) => {
      const { page, complaints } = await open(herd.url, path)
      await page.locator(ready).first().waitFor()
      expect(await page.locator('h1').count()).toBe(1)
      expect(await obstacles(page)).toEqual([])
      await page.setViewportSize({ width: 390, height: 844 })
      // Charts follow the width a moment later.
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await obstacles(page, ['color-contrast'])).toEqual([])
      expect(complaints).toEqual([])
    },
  )

  test('a viewer is offered nothing that only operators may do, and the collector refuses it', async () => {
    const { page } = await open(herd.url, '/alerts')
    await page.locator('[data-alert=ServerAnswers]').waitFor()
    await page.locator('.who').filter({ hasText: 'viewer' }).waitFor()
    expect(await page.getByRole('button', { name: /^(silence|end it)/i }).count()).toBe(0)
    const answer = await page.evaluate(async () => {
      const { status } = await fetch('api/v2/silences', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
      return status
    })
    expect(answer).toBe(403)
  })

  test('an operator signs in, silences an alert, and ends that', async () => {
    const { page } = await open(herd.url, '/alerts')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await obstacles(page)).toEqual([])
    await page.getByLabel('Token').fill('pgh_wrong')
    await page.getByLabel('Token').press('Enter')
    await page.getByRole('alert').filter({ hasText: 'does not know this token' }).waitFor()
    await page.getByLabel('Token').fill(herd.operatorToken)
    await page.getByLabel('Token').press('Enter')
    await page.locator('.who').filter({ hasText: 'web-operator, operator' }).waitFor()

    const alert = page.locator('[data-alert=ServerAnswers]')
    await alert.getByRole('button', { name: 'Silence…' }).click()
    expect(await obstacles(page)).toEqual([])
    await page.getByLabel('Why').fill('a test looks at it')
    await page.getByRole('button', { name: 'Silence it' }).click()
    await alert.getByText('silenced by web-operator').waitFor()
    await page.getByRole('button', { name: 'End it now' }).click()
    await page.getByText('Nothing is silenced.').waitFor()
    // The tab keeps the token, and no other.
    await page.reload()
    await page.locator('.who').filter({ hasText: 'web-operator' }).waitFor()
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('.who').filter({ hasText: 'viewer' }).waitFor()
  })

  test('keys and links go from page to page and Back returns', async () => {
    const { page } = await open(herd.url, '/')
    await page.locator('[data-cluster=pg-web]').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    expect(await obstacles(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('/')
    await page.keyboard.type('web-2')
    await page.keyboard.press('Enter')
    await page.locator('[data-member=pg-web-2]').waitFor()
    expect(new URL(page.url()).pathname).toBe('/c/pg-web')
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await page.getByRole('heading', { name: 'Commands' }).waitFor()
    await page.goBack()
    await page.locator('[data-member=pg-web-2]').waitFor()
  })

  test('colours are the choice of the reader, and stay', async () => {
    const { page } = await open(herd.url, '/')
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await background()
    const button = page.getByRole('button', { name: /^Colours/ })
    await button.click()
    await button.click()
    const dark = await background()
    expect(dark).not.toBe(light)
    await page.reload()
    await button.waitFor()
    expect(await background()).toBe(dark)
  })

  test('it works under the path of a proxy, deep addresses too', async () => {
    const proxy = await startProxy(herd.url, '/herd')
    onTestFinished(() => proxy.close())
    const { page, complaints } = await open(proxy.url, '/c/pg-web')
    await page.locator('[data-member=pg-web-1]').waitFor()
    await page.getByRole('link', { name: 'Alerts' }).click()
    await page.locator('[data-alert=ServerAnswers]').waitFor()
    expect(page.url()).toBe(`${proxy.url}/alerts`)
    expect(complaints).toEqual([])
  })

  test('a server that dies is shown as down, its cluster first and with the reason', async () => {
    const { page } = await open(herd.url, '/')
    await page.locator('[data-cluster=pg-web][data-level=ok]').waitFor()
    await herd.primary.kill()
    await expect
      .poll(async () => {
        // As when the reader comes back to the tab: everything is asked again at once.
        await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
        return page.locator('[data-cluster=pg-web]').getAttribute('data-level')
      })
      .toBe('critical')
    await page.locator('[data-node=pg-web-1][data-up=false]').waitFor()
    expect(await page.locator('.summary').innerText()).toBe('1 cluster, 2 servers: 1 critical')
  })
})

/** A reverse proxy that has the collector under a path and takes that off. */
async function startProxy(target: string, prefix: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith(`${prefix}/`) !== true) {
      outgoing.writeHead(404).end()
      return
    }
    const { method, headers } = incoming
    const sent = ask(target + incoming.url.slice(prefix.length), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    sent.on('error', () => outgoing.destroy())
    incoming.pipe(sent)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
