import { existsSync } from 'node:fs'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import { hasChromium, launchChromium } from './chromium.ts'

const web = new URL('../../collector/web/', import.meta.url).pathname
const sql = 'SELECT *\n  FROM orders\n WHERE "<b>id</b>" = $1'

/** A statement with its server and database, counted for ten minutes. */
function samples(): string {
  const nowMs = Date.now()
  const of = (name: string, labels: Readonly<Record<string, string>>) =>
    JSON.stringify({
      metric: { __name__: name, cls: 'pg-main', ins: 'pg-main-1', job: 'pgsql', ...labels },
      values: Array.from({ length: 61 }, (_, i) => i),
      timestamps: Array.from({ length: 61 }, (_, i) => nowMs - (60 - i) * 10_000),
    })
  const statement = { datname: 'app', query: '-42' }
  return [
    of('pg_up', {}),
    of('pg_db_datid', { datname: 'app' }),
    of('pg_query_calls', statement),
    of('pg_query_exec_time', statement),
  ].join('\n')
}

test.skipIf(!hasChromium)('a board about one statement has its whole text, as text', async () => {
  if (!existsSync(`${web}dist/index.html`)) {
    await build({ root: web, configFile: `${web}vite.config.ts`, logLevel: 'error' })
  }
  using home = createOwnDirectory({ prefix: 'pgherd-statement-' })
  await using collector = await startCollector({ directory: home.path })
  const imported = await fetch(`${collector.url}/api/v1/import`, { method: 'POST', body: samples() })
  expect(imported.status).toBe(204)
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    // No agent tells a text here; everything else is the collector's own answer.
    await page.route('**/api/v1/queries/texts?*', (route) =>
      route.fulfill({
        json: {
          status: 'success',
          data: ['pg-main', 'pg-other'].map((cluster) => ({
            cluster,
            datname: 'app',
            query: '-42',
            text: sql,
          })),
        },
      }),
    )
    await page.goto(`${collector.url}/d/pgherd-queries?var-cls=pg-main&var-query=-42&from=now-15m&to=now`)
    const text = page.locator('.statement-text')
    await text.locator('pre').waitFor()
    expect(await text.count()).toBe(1)
    expect(await text.locator('pre').innerText()).toBe(sql)
    expect(await text.locator('code').innerText()).toBe('agentctl queries show -42 -c pg-main')
    await page.goto(`${collector.url}/d/pgherd-queries?var-cls=pg-main&from=now-15m&to=now`)
    await page.locator('[data-panel]').first().waitFor()
    expect(await text.count()).toBe(0)
  } finally {
    await browser.close()
  }
})
