import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startServer } from '../test-server.ts'

function builtPage(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-web-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(
    join(directory, 'index.html'),
    '<!doctype html><meta name="base" content="./"><title>the page</title><script src="./assets/index-abc123.js">',
  )
  writeFileSync(join(directory, 'assets', 'index-abc123.js'), 'export {}')
  return directory
}

test('the page is served at the root and asked for again each time', async () => {
  const server = await startServer({ webDirectory: builtPage() })
  const answer = await server.inject({ url: '/' })
  expect(answer.body).toContain('the page')
  expect(answer.headers['content-type']).toContain('text/html')
  expect(answer.headers['cache-control']).toBe('no-cache')
})

test('assets with a hash in their name are kept for ever', async () => {
  const server = await startServer({ webDirectory: builtPage() })
  const answer = await server.inject({ url: '/assets/index-abc123.js' })
  expect(answer.body).toBe('export {}')
  expect(answer.headers['content-type']).toContain('javascript')
  expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test.each(['/assets/other.js', '/../package.json', '/%2e%2e/package.json', '/assets/'])(
  '%s is not found',
  async (url) => {
    const server = await startServer({ webDirectory: builtPage() })
    expect((await server.inject({ url })).statusCode).toBe(404)
  },
)

test('without a built page the root says how to build one', async () => {
  const server = await startServer({ webDirectory: '/nonexistent' })
  const answer = await server.inject({ url: '/' })
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['content-type']).toContain('text/html')
  expect(answer.body).toContain('npm run web:build')
})

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('an address within the page', () => {
  test.each([
    ['/c/pg-main', '../'],
    ['/d/pgherd-cluster?var-cls=pg-main', '../'],
    ['/alerts', './'],
    ['/tuning', './'],
  ])('%s is the same document, which names its files from there', async (url, base) => {
    const server = await startServer({ webDirectory: builtPage() })
    const answer = await server.inject({ url, headers: browser })
    expect(answer.headers['content-type']).toContain('text/html')
    expect(answer.headers['cache-control']).toBe('no-cache')
    expect(answer.body).toContain(`<meta name="base" content="${base}">`)
    expect(answer.body).toContain(`src="${base}assets/index-abc123.js"`)
  })

  test('is for browsers: programs get the JSON of /alerts, and everybody under a prefix', async () => {
    const server = await startServer({ webDirectory: builtPage() })
    for (const request of [{ url: '/alerts' }, { url: '/prometheus/alerts', headers: browser }]) {
      const answer = await server.inject(request)
      expect(answer.json()).toEqual({ status: 'success', data: { alerts: [] } })
    }
  })

  test('that no page has is not found', async () => {
    const server = await startServer({ webDirectory: builtPage() })
    expect((await server.inject({ url: '/nothing', headers: browser })).statusCode).toBe(404)
  })
})
