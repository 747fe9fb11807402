import { existsSync } from 'node:fs'
import { build } from 'vite'
import { beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../testbed/wait.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { startHerd } from './herd.ts'

const page = new URL('../../collector/web/', import.meta.url).pathname

beforeAll(async () => {
  if (existsSync(`${page}dist/index.html`)) return
  await build({ root: page, configFile: `${page}vite.config.ts`, logLevel: 'error' })
})

test.skipIf(!hasChromium)(
  'the page that the collector serves shows the living server and its charts, and says when it is down',
  async () => {
    await using herd = await startHerd()
    // Two measurements of the databases, which are ten seconds apart.
    await waitFor(
      'a rate to draw',
      async () => {
        const [commits] = await herd.instant('sum(rate(pg_db_xact_commit{ins="pg-sys-1"}[1m]))')
        return commits !== undefined && commits.value > 0
      },
      { timeoutMs: 30_000 },
    )
    const browser = await launchChromium()
    try {
      const opened = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      const complaints: string[] = []
      opened.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      opened.on('pageerror', (error) => complaints.push(String(error)))
      await opened.goto(herd.collector.url)
      const tile = opened.locator('[data-node=pg-sys-1]')
      await tile.waitFor()
      await expect.poll(() => tile.innerText()).toContain('primary')
      for (const panel of ['commits', 'active-sessions', 'cpu-busy', 'database-sizes']) {
        const chart = opened.locator(`[data-panel=${panel}]`)
        await chart.scrollIntoViewIfNeeded()
        await chart.locator('canvas').first().waitFor()
      }
      expect(complaints).toEqual([])

      await herd.postgres.kill()
      await expect.poll(() => tile.innerText(), { timeout: 20_000 }).toMatch(/down/i)
    } finally {
      await browser.close()
    }
  },
)
