import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { fakeNode, startFakeCollector } from '../collector/web/fake-collector.ts'
import type { FakeCollector } from '../collector/web/fake-collector.ts'
import { hasChromium, launchChromium } from './chromium.ts'

const refreshMs = 10_000

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

  test('is under 100 KB of compressed scripts and styles', async () => {
    const assets = await readdir(join(webDirectory, 'assets'))
    const sizes = await Promise.all(
      assets.map(async (name) => gzipSync(await readFile(join(webDirectory, 'assets', name))).length),
    )
    expect(assets.some((name) => name.endsWith('.js'))).toBe(true)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000)
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
  }

  async function visit(hash = '', viewport = { width: 1280, height: 900 }): Promise<Visit> {
    const fake = await startFakeCollector(webDirectory)
    fake.nodes = [
      fakeNode('pg-main-1', 'primary'),
      fakeNode('pg-main-2', 'standby'),
      fakeNode('pg-main-3', 'standby'),
      fakeNode('pg-shop-1', 'primary'),
    ]
    const page = await browser.newPage({ viewport })
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(fake.url)) complaints.push(`request to ${request.url()}`)
    })
    onTestFinished(async () => {
      await page.close()
      await fake[Symbol.asyncDispose]()
    })
    await page.goto(fake.url + hash)
    await page.locator('[data-panel] svg.timeline').waitFor()
    return { page, fake, complaints }
  }

  /** How many pixels of a panel's canvas are neither empty nor of the colour of axes and grid. */
  function colourfulPixels(page: Page, panel: string): Promise<number> {
    return page.locator(`[data-panel=${panel}] canvas`).evaluate((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) return 0
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      let count = 0
      for (let i = 0; i < data.length; i += 4) {
        const [red, green, blue, alpha] = [data[i]!, data[i + 1]!, data[i + 2]!, data[i + 3]!]
        if (alpha > 128 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) count++
      }
      return count
    })
  }

  test('a collector that asks for a token gets one, which the tab keeps', async () => {
    const { page, fake } = await visit()
    fake.token = 'pgh_right'
    await page.reload()
    await page.getByLabel('Token').fill('pgh_wrong')
    await page.getByRole('button').click()
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('does not know this token')
    await page.getByLabel('Token').fill('pgh_right')
    await page.getByLabel('Token').press('Enter')
    await page.locator('[data-node=pg-main-1]').waitFor()
    await page.reload()
    await page.locator('[data-node=pg-main-1]').waitFor()
    // Revoked while somebody looks at it.
    fake.token = 'pgh_other'
    await page.getByLabel('Token').waitFor()
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
  })

  test('it shows every node and draws every panel, without a complaint of the browser', async () => {
    const { page, complaints } = await visit()
    expect(
      await page
        .locator('[data-node]')
        .evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('data-node'))),
    ).toEqual(['pg-main-1', 'pg-main-2', 'pg-main-3', 'pg-shop-1'])
    await expect.poll(() => page.locator('.connection').innerText()).toBe('Collector 0.1.0 connected')
    const panels = await page.locator('[data-panel]').all()
    expect(panels.length).toBeGreaterThanOrEqual(10)
    for (const panel of panels) {
      await panel.scrollIntoViewIfNeeded()
      await panel.locator('canvas, svg.timeline').first().waitFor()
    }
    await expect.poll(() => colourfulPixels(page, 'commits')).toBeGreaterThan(200)
    expect(await page.locator('[data-panel=roles] rect.state-good').count()).toBe(2)
    expect(complaints).toEqual([])
  })

  test('a server that goes down is marked as down within one refresh', async () => {
    const { page, fake } = await visit()
    const tile = page.locator('[data-node=pg-main-2]')
    expect(await tile.getAttribute('data-up')).toBe('true')
    fake.nodes = fake.nodes.map((node) =>
      node.node === 'pg-main-2' ? { ...node, up: false, role: null } : node,
    )
    const startedMs = performance.now()
    await page.locator('[data-node=pg-main-2][data-up=false]').waitFor({ timeout: refreshMs + 2000 })
    expect(performance.now() - startedMs).toBeLessThan(refreshMs + 2000)
    await expect.poll(() => tile.innerText()).toContain('PostgreSQL is down')
    expect(await page.locator('.summary').innerText()).toContain('1 node critical')
  })

  test('selecting a node asks for that node alone and puts it into the address', async () => {
    const { page, fake } = await visit()
    fake.rangeQueries.length = 0
    await page.locator('[data-node=pg-main-2]').click()
    await expect.poll(() => fake.rangeQueries.length).toBeGreaterThan(3)
    expect(fake.rangeQueries.filter((expr) => !expr.includes('ins=~"pg-main-2"'))).toEqual([])
    expect(new URL(page.url()).hash).toBe('#cluster=pg-main&node=pg-main-2')
    await page.goBack()
    await page.locator('[data-node=pg-main-2][aria-pressed=false]').waitFor()
  })

  test('the address restores selection, range and pause', async () => {
    const { page, fake } = await visit('#cluster=pg-main&node=pg-main-1&range=1h&live=off')
    expect(await page.locator('[data-node=pg-main-1]').getAttribute('aria-pressed')).toBe('true')
    expect(await page.getByRole('button', { name: '1h', exact: true }).getAttribute('aria-pressed')).toBe(
      'true',
    )
    await page.getByRole('button', { name: 'Resume charts' }).waitFor()
    expect(fake.rangeQueries.every((expr) => expr.includes('ins=~"pg-main-1"'))).toBe(true)
  })

  test('a query that fails says why in its own panel and leaves the others alone', async () => {
    const { page, fake } = await visit()
    fake.failing = 'pg_db_xact_commit'
    await page.getByRole('button', { name: '5m', exact: true }).click()
    await page.locator('[data-panel=commits] .panel-error').waitFor()
    expect(await page.locator('[data-panel=commits] .panel-error').innerText()).toContain(
      'the query needs too many samples',
    )
    expect(await page.locator('.panel-error').count()).toBe(1)
  })

  test('a chart that could not be refreshed stays, greyed, with the time it is from', async () => {
    const { page, fake } = await visit()
    fake.failing = 'pg_db_xact_commit'
    const panel = page.locator('[data-panel=commits]')
    await panel.locator('.panel-error').waitFor({ timeout: refreshMs + 2000 })
    expect(await panel.locator('.panel-error').innerText()).toMatch(/shown: the state of \d\d:\d\d:\d\d/)
    expect(await panel.locator('.dimmed canvas').count()).toBe(1)
  })

  test('a query that is superseded is cancelled', async () => {
    const { page, fake } = await visit()
    fake.held = 'pg_db_xact_commit'
    const asked = fake.rangeQueries.length
    await page.getByRole('button', { name: '1h', exact: true }).click()
    await expect
      .poll(() => fake.rangeQueries.slice(asked).some((expr) => expr.includes('xact_commit')))
      .toBe(true)
    expect(fake.abandoned).toBe(0)
    await page.getByRole('button', { name: '6h', exact: true }).click()
    await expect.poll(() => fake.abandoned).toBe(1)
  })

  test('a panel out of sight is not asked for until it comes into view', async () => {
    const { page, fake } = await visit()
    const isAsked = (): boolean => fake.rangeQueries.some((expr) => expr.includes('node_network'))
    expect(isAsked()).toBe(false)
    await page.locator('[data-panel=network]').scrollIntoViewIfNeeded()
    await expect.poll(isAsked).toBe(true)
  })

  test('without a collector the page says so and since when', async () => {
    const { page, fake } = await visit()
    await fake[Symbol.asyncDispose]()
    await page.locator('.connection[data-state=lost]').waitFor({ timeout: refreshMs + 2000 })
    expect(await page.locator('.connection').innerText()).toContain('The collector cannot be reached')
  })

  test('the crosshair is on all charts and the legend shows the values under it', async () => {
    const { page } = await visit()
    const chart = page.locator('[data-panel=commits] .plot')
    for (const panel of ['commits', 'active-sessions']) {
      await expect.poll(() => colourfulPixels(page, panel)).toBeGreaterThan(50)
    }
    await chart.focus()
    // Not at an edge: the next refresh moves the window on.
    for (const key of ['End', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key)
    for (const panel of ['commits', 'active-sessions']) {
      await expect
        .poll(() => page.locator(`[data-panel=${panel}] .legend-time`).innerText())
        .toMatch(/^\d\d:\d\d:\d\d$/)
    }
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('[data-panel=commits] .legend-time').innerText()).toBe('now')
  })

  test('a drag over a chart zooms into that time on all of them', async () => {
    const { page } = await visit()
    const area = page.locator('[data-panel=commits] .u-over')
    await area.scrollIntoViewIfNeeded()
    const box = await area.boundingBox()
    if (box === null) throw new Error('the chart has no plotting area')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 50, { steps: 4 })
    await page.mouse.up()
    await page.locator('.zoomed').waitFor()
    const parameters = new URLSearchParams(new URL(page.url()).hash.slice(1))
    const seconds = (Number(parameters.get('to')) - Number(parameters.get('from'))) / 1000
    expect(seconds).toBeGreaterThan(400)
    expect(seconds).toBeLessThan(500)
  })

  test('at 390 px nothing is wider than the screen', async () => {
    const { page } = await visit('', { width: 390, height: 844 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })

  test('an empty fleet explains how to begin', async () => {
    const { page, fake } = await visit()
    fake.nodes = []
    await page.reload()
    await page.getByText('No agent has reported yet').waitFor()
  })
})
