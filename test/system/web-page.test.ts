import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page, Response } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { NodeView } from '../../common/wire/nodes.ts'
import { fakeNode, startFakeCollector } from '../collector/web/fake-collector.ts'
import type { FakeCollector } from '../collector/web/fake-collector.ts'
import { hasChromium, launchChromium } from './chromium.ts'

let webDirectory = ''
beforeAll(async () => {
  webDirectory = await mkdtemp(join(tmpdir(), 'pgherd-web-'))
  await build({
    root: new URL('../../collector/web', import.meta.url).pathname,
    configFile: new URL('../../collector/web/vite.config.ts', import.meta.url).pathname,
    logLevel: 'error',
    build: { outDir: webDirectory, emptyOutDir: true },
  })
})
afterAll(() => rm(webDirectory, { recursive: true, force: true }))

describe('the built page', () => {
  test('is one document without inline scripts, styles or data: addresses', async () => {
    const html = await readFile(join(webDirectory, 'index.html'), 'utf8')
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|data:|<script(?![^>]*\ssrc=)/)
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address?.slice(0, 2))).toEqual(
      expect.arrayContaining(['./']),
    )
    expect(html).not.toMatch(/(?:src|href)="(?:https?:|\/)/)
  })
})

describe.skipIf(!hasChromium)('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  interface Visit {
    readonly page: Page
    readonly fake: FakeCollector
    /** Console errors, uncaught exceptions and requests to elsewhere. */
    readonly complaints: string[]
    /** Compressed bytes of the document and its files. */
    readonly bytes: () => Promise<number>
  }

  async function visit(nodes: readonly NodeView[], viewport = { width: 1280, height: 900 }): Promise<Visit> {
    const fake = await startFakeCollector(webDirectory)
    fake.nodes = [...nodes]
    const page = await browser.newPage({ viewport })
    const complaints: string[] = []
    const files: Response[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(fake.url)) complaints.push(`request to ${request.url()}`)
    })
    page.on('response', (response) => {
      if (!new URL(response.url()).pathname.startsWith('/api/')) files.push(response)
    })
    onTestFinished(async () => {
      await page.close()
      await fake[Symbol.asyncDispose]()
    })
    await page.goto(fake.url)
    await page.locator('.summary, .welcome').first().waitFor()
    const bytes = async (): Promise<number> =>
      (await Promise.all(files.map((file) => file.body()))).reduce(
        (sum, body) => sum + gzipSync(body).length,
        0,
      )
    return { page, fake, complaints, bytes }
  }

  /** As when the reader comes back to the tab: everything is asked again at once. */
  const refresh = (page: Page): Promise<boolean> =>
    page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))

  const herd = [
    fakeNode('pg-main-1', 'primary'),
    fakeNode('pg-main-2', 'standby'),
    fakeNode('pg-shop-1', 'primary'),
  ]

  test('a collector that asks for a token gets one, which the tab keeps until it is revoked', async () => {
    const { page, fake } = await visit(herd)
    fake.token = 'pgh_right'
    await page.reload()
    await page.getByLabel('Token').fill('pgh_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').filter({ hasText: 'does not know this token' }).waitFor()
    await page.getByLabel('Token').fill('pgh_right')
    await page.getByLabel('Token').press('Enter')
    await page.locator('[data-node=pg-main-1]').waitFor()
    await page.reload()
    await page.locator('[data-node=pg-main-1]').waitFor()
    fake.token = 'pgh_other'
    await refresh(page)
    await page.getByLabel('Token').waitFor()
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
  })

  test('the overview is small, of this origin, and shows every server', async () => {
    const { page, complaints, bytes } = await visit(herd)
    await page.locator('[data-node=pg-shop-1]').waitFor()
    const shown = await page
      .locator('[data-node]')
      .evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-node')))
    expect(shown).toEqual(['pg-main-1', 'pg-main-2', 'pg-shop-1'])
    expect(await page.locator('.connection').innerText()).toBe('Collector 0.1.0 connected')
    expect(await bytes()).toBeLessThan(150_000)
    expect(complaints).toEqual([])
  })

  test('of 200 clusters the one that hurts is first, and any is found by a few letters', async () => {
    const clusters = Array.from({ length: 200 }, (_, index) => `pg-c${index}`)
    const nodes = clusters.flatMap((name) => [
      fakeNode(`${name}-1`, 'primary'),
      fakeNode(`${name}-2`, 'standby', name === 'pg-c77' ? { up: false, role: null } : {}),
    ])
    const { page } = await visit(nodes, { width: 390, height: 844 })
    const first = page.locator('[data-cluster]').first()
    expect(await first.getAttribute('data-cluster')).toBe('pg-c77')
    expect(await first.innerText()).toContain('pg-c77-2 is down')
    expect(await page.locator('.summary').innerText()).toBe('200 clusters, 400 servers: 1 critical, 199 well')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.keyboard.press('/')
    await page.keyboard.type('c123-2')
    await expect.poll(() => page.locator('[data-cluster]').count()).toBe(1)
    expect(new URL(page.url()).search).toBe('?q=c123-2')
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).pathname).toBe('/c/pg-c123')
  })

  test('without a collector the page says so and since when', async () => {
    const { page, fake } = await visit(herd)
    await fake[Symbol.asyncDispose]()
    await refresh(page)
    await page.locator('.connection[data-state=lost]').waitFor()
    expect(await page.locator('.connection').innerText()).toContain('The collector cannot be reached')
    await page.locator('main.disconnected').waitFor()
  })

  test('an empty fleet explains how to begin', async () => {
    const { page } = await visit([])
    await page.getByText('No agent has reported yet').waitFor()
  })
})
