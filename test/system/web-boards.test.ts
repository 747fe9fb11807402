import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { waitFor } from '../../testbed/wait.ts'
import { smallBoard } from '../collector/web/board/small-board.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { startHerd } from './herd.ts'
import type { Herd } from './herd.ts'

const web = new URL('../../collector/web/', import.meta.url).pathname

const rate = 'sum(rate(pg_db_xact_commit{ins="pg-sys-1"}[1m]))'

describe.skipIf(!hasChromium)('boards in Chromium, from a real collector', () => {
  let herd: Herd
  let browser: Browser
  beforeAll(async () => {
    if (!existsSync(`${web}dist/index.html`)) {
      await build({ root: web, configFile: `${web}vite.config.ts`, logLevel: 'error' })
    }
    ;[herd, browser] = await Promise.all([startHerd(), launchChromium()])
    await waitFor(
      'a rate and a size of the databases',
      async () => (await herd.instant(`${rate} and on () max(pg_size_bytes{ins="pg-sys-1"})`)).length > 0,
      { timeoutMs: 30_000 },
    )
  })
  afterAll(async () => {
    await browser.close()
    await herd[Symbol.asyncDispose]()
  })

  interface Visit {
    readonly page: Page
    /** Console errors and uncaught exceptions. */
    readonly complaints: string[]
    /** Expressions that were asked over time or at an instant. */
    readonly asked: string[]
  }

  /** Opens an address of the page; the collector is real, but for its list of boards, which has the small one. */
  async function visit(path: string): Promise<Visit> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    onTestFinished(() => page.close())
    const complaints: string[] = []
    const asked: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (/\/query(_range)?$/.test(url.pathname)) asked.push(url.searchParams.get('query') ?? '')
    })
    const { uid, title, tags } = smallBoard
    await page.route('**/dashboards/', (route) =>
      route.fulfill({ json: [{ uid, title, tags, file: 'small.json' }] }),
    )
    await page.route('**/dashboards/small.json', (route) => route.fulfill({ json: smallBoard }))
    await page.goto(new URL(path, herd.collector.url).href)
    return { page, complaints, asked }
  }

  const panel = (page: Page, id: number) => page.locator(`[data-panel="${id}"]`)
  const parameters = (page: Page): URLSearchParams => new URL(page.url()).searchParams

  test('every kind of panel is drawn, and the browser has nothing to complain of', async () => {
    const { page, complaints, asked } = await visit('/d/pgherd-small')
    await expect.poll(() => panel(page, 1).locator('.stat-value').innerText()).toMatch(/✓\s*1/)
    await panel(page, 2).locator('.gauge svg').waitFor()
    await panel(page, 3).locator('.bar-part').first().waitFor()
    await panel(page, 5).locator('canvas').waitFor()
    await expect.poll(() => panel(page, 5).locator('.legend-table').innerText()).toContain('pg-sys-1')
    await panel(page, 6).locator('rect[data-tone=good]').first().waitFor()
    await panel(page, 7).scrollIntoViewIfNeeded()
    const link = panel(page, 7).getByRole('link', { name: 'pg-sys-1' })
    expect(await link.getAttribute('href')).toBe(
      '/d/pgherd-instance?var-ins=pg-sys-1&var-cls=%24__all&from=now-15m&to=now',
    )
    expect(await panel(page, 7).locator('thead').innerText()).toMatch(/Server\s+Cluster\s+Up\s+Sessions/)
    expect(await panel(page, 8).locator('img').count()).toBe(0)
    expect(await panel(page, 8).innerText()).toContain('<img src=x onerror=alert(1)>')

    // What is folded asks nothing until it is opened.
    expect(asked.some((expr) => expr.includes('_bucket'))).toBe(false)
    await page.getByRole('button', { name: /^More/ }).click()
    await expect.poll(() => asked.some((expr) => expr.includes('_bucket'))).toBe(true)
    expect(await panel(page, 11).innerText()).toContain('cannot show a panel of the type geomap')
    expect(complaints).toEqual([])
  })

  test('variables and time stand in the address, and the address brings them back', async () => {
    const { page, asked } = await visit('/d/pgherd-small?var-cls=pg-sys&var-top=10&from=now-5m&to=now')
    await page.getByRole('button', { name: 'Time range: Last 5 min' }).waitFor()
    await expect.poll(() => asked.some((expr) => expr.includes('topk(10,'))).toBe(true)
    await page.getByRole('button', { name: 'Server: All' }).click()
    await page.locator('.choice', { hasText: 'pg-sys-1' }).click()
    await page.getByRole('button', { name: 'Server: pg-sys-1' }).waitFor()
    expect(parameters(page).getAll('var-ins')).toEqual(['pg-sys-1'])
    await page.goBack()
    await page.getByRole('button', { name: 'Server: All' }).waitFor()

    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('button', { name: 'Server: All' }).click()
    await page.locator('.popover-window').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })

  test('the crosshair is on all charts; a drag zooms all of them, with Shift it moves them', async () => {
    const { page } = await visit('/d/pgherd-small?from=now-2m&to=now')
    const plot = panel(page, 5).locator('.u-over')
    await plot.waitFor()
    await panel(page, 5).locator('.plot').focus()
    await page.keyboard.press('End')
    await panel(page, 5).locator('.chart-tooltip').waitFor()
    await panel(page, 6).locator('.crosshair').waitFor({ state: 'attached' })
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('.crosshair').count()).toBe(0)

    const drag = async (from: number, to: number): Promise<void> => {
      const box = await plot.boundingBox()
      if (box === null) throw new Error('the chart has no plotting area')
      await page.mouse.move(box.x + box.width * from, box.y + 30)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * to, box.y + 30, { steps: 4 })
      await page.mouse.up()
    }
    // What was measured so far is at the right end.
    await drag(0.5, 0.98)
    await expect.poll(() => parameters(page).get('to')).toMatch(/^\d+$/)
    const from = Number(parameters(page).get('from'))
    const seconds = (Number(parameters(page).get('to')) - from) / 1000
    // Nearly half of two minutes; axes may still get wider.
    expect(seconds).toBeGreaterThan(50)
    expect(seconds).toBeLessThan(61)

    await page.keyboard.down('Shift')
    await drag(0.3, 0.6)
    await page.keyboard.up('Shift')
    await expect.poll(() => Number(parameters(page).get('from'))).toBeLessThan(from - 10_000)
  })

  test('a query that fails says why in its own panel and leaves the others alone', async () => {
    const { page } = await visit('/explore')
    await page.route(/query_range.*xact_commit/, (route) =>
      route.fulfill({
        status: 422,
        json: { status: 'error', errorType: 'execution', error: 'too many samples' },
      }),
    )
    await page.goto(new URL('/d/pgherd-small', herd.collector.url).href)
    await panel(page, 5).locator('.panel-error').waitFor()
    expect(await panel(page, 5).locator('.panel-error').innerText()).toContain('too many samples')
    await panel(page, 6).locator('rect[data-tone=good]').first().waitFor()
    expect(await page.locator('.panel-error').count()).toBe(1)
  })

  test('explore completes what is typed, runs it, and keeps it in the address', async () => {
    const { page, complaints } = await visit('/explore')
    const editor = page.locator('.cm-content')
    await editor.click()
    await page.keyboard.type('sum(pg_u')
    const completion = page.locator('.cm-tooltip-autocomplete li', { hasText: /^pg_up$/ })
    await completion.first().click()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => parameters(page).getAll('q')).toEqual(['sum(pg_up)'])
    await page.locator('.explore-graph canvas').waitFor()
    expect(await page.locator('.explore-table tbody').innerText()).toBe('1')
    await page.getByRole('button', { name: '+ Query' }).click()
    await page.keyboard.type('nonsense(')
    await page.getByRole('button', { name: 'Run' }).click()
    await expect
      .poll(() => page.locator('.query-verdict').allInnerTexts())
      .toEqual([expect.stringMatching(/^1 series in/), expect.stringMatching(/parse|unknown|unexpected/i)])
    // What the browser says of the refused query is no complaint of the page.
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([])
  })
})
